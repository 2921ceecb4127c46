using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentBinaryTransformer), null, typeof(SignatureLoadModel), "Recurrent binary classifier",
    RecurrentBinaryTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores a recurrent binary classifier in a pipeline: adds <c>PredictedLabel</c> (Boolean), <c>Score</c> (the logit) and <c>Probability</c>.
/// </summary>
public sealed class RecurrentBinaryTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentBinary";

    internal RecurrentBinaryTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model)
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentBinaryTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRBINR", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentBinaryTransformer).Assembly.FullName);
}
