using Microsoft.ML;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentOnnxTransformer), null, typeof(SignatureLoadModel), "Recurrent ONNX model", RecurrentOnnxTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// An ONNX model of another framework in a pipeline: adds a column for each output asked for, <c>Vector&lt;Single, n&gt;</c> or, of whole numbers,
/// <c>Vector&lt;Int64, n&gt;</c>.
/// </summary>
public sealed class RecurrentOnnxTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentOnnx";

    internal RecurrentOnnxTransformer(IHostEnvironment environment, RecurrentModel model, ScoringOptions scoring)
        : base(environment, model, scoring)
    {
    }

    // ML.NET's catalogue calls it when a model is loaded.
    private RecurrentOnnxTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRONNX", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentOnnxTransformer).Assembly.FullName);

    internal override void SaveAsOnnx(OnnxContext context, ScoringMapping mapping) =>
        throw new NotSupportedException(
            $"The column '{Model.Manifest.Outputs[0].Name}' comes from an ONNX file already; a pipeline around it cannot be written as ONNX once more. Use "
                + $"that file itself.");
}
