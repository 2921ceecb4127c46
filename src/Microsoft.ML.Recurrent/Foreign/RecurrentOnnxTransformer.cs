using Microsoft.ML;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentOnnxTransformer), null, typeof(SignatureLoadModel), "Recurrent ONNX model", RecurrentOnnxTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores an ONNX model of another framework in a pipeline: adds a column for each requested output, <c>Vector&lt;Single, n&gt;</c> or, for integers,
/// <c>Vector&lt;Int64, n&gt;</c>.
/// </summary>
public sealed class RecurrentOnnxTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentOnnx";

    internal RecurrentOnnxTransformer(IHostEnvironment environment, RecurrentModel model, ScoringOptions scoring)
        : base(environment, model, scoring)
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentOnnxTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRONNX", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentOnnxTransformer).Assembly.FullName);

    internal override void SaveAsOnnx(OnnxContext context, ScoringMapping mapping) =>
        throw new NotSupportedException(
            $"The column '{Model.Manifest.Outputs[0].Name}' already comes from an ONNX file; a pipeline with it cannot be exported to ONNX. Use "
                + $"that file directly.");
}
