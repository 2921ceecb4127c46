using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentMulticlassTransformer), null, typeof(SignatureLoadModel), "Recurrent multiclass classifier",
    RecurrentMulticlassTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores a recurrent multiclass classifier in a pipeline: adds <c>PredictedLabel</c> (a key) and <c>Score</c> (the class probabilities, in the order of the
/// label keys).
/// </summary>
public sealed class RecurrentMulticlassTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentMulticlass";

    internal RecurrentMulticlassTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model)
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentMulticlassTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRMULT", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentMulticlassTransformer).Assembly.FullName);
}
