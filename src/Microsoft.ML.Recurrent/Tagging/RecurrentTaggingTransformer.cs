using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentTaggingTransformer), null, typeof(SignatureLoadModel), "Recurrent tagger",
    RecurrentTaggingTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores a recurrent tagger in a pipeline: adds <c>PredictedLabel</c> (a vector of keys) and <c>Score</c> (per step and tag, in the order of the
/// label keys).
/// </summary>
public sealed class RecurrentTaggingTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentTagging";

    internal RecurrentTaggingTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model)
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentTaggingTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRTAGS", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentTaggingTransformer).Assembly.FullName);
}
