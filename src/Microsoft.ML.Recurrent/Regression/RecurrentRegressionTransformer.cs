using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentRegressionTransformer), null, typeof(SignatureLoadModel), "Recurrent regression",
    RecurrentRegressionTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>Scores a recurrent regression model in a pipeline: adds the column <c>Score</c> (<c>Single</c>).</summary>
public sealed class RecurrentRegressionTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentRegression";

    internal RecurrentRegressionTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model)
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentRegressionTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRREGR", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentRegressionTransformer).Assembly.FullName);
}
