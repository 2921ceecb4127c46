using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(StateFeaturesTransformer), null, typeof(SignatureLoadModel), "Recurrent state features",
    StateFeaturesTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>Adds the states of a trained recurrent network as a vector for other trainers: <c>Vector&lt;Single, n&gt;</c>.</summary>
public sealed class StateFeaturesTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentStates";

    internal StateFeaturesTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model)
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private StateFeaturesTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRSTAT", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(StateFeaturesTransformer).Assembly.FullName);
}
