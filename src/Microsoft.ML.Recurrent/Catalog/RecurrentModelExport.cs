using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Scoring.Export;

namespace Microsoft.ML;

/// <summary>Exports trained models to ONNX.</summary>
public static class RecurrentModelExport
{
    /// <summary>Exports the model as one ONNX file for any ONNX runtime. It includes preprocessing: raw columns in, predictions out.</summary>
    /// <remarks>
    /// The graph has one input per source column, of the same name: sequences are float [batch, time, features] (token sequences int64 [batch, time]), statics
    /// float [batch, n]. If sequences vary in length, there is one more input, <c>sequence_length</c>, int64 [batch], and rows are padded to the longest of the
    /// batch. The outputs have the names of the transformer's columns.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="destination">The stream to write to; it stays open.</param>
    /// <param name="options">The export options; null for the defaults.</param>
    /// <returns>A report of what was written and, for reduced precision, how much the predictions differ.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">The model cannot be exported in the requested form; the message says why.</exception>
    public static OnnxExportReport ExportToOnnx(this RecurrentModel model, Stream destination, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(destination);
        var export = OnnxExport.Create(model, options ?? new());
        if (export.File.HasWeightsApart)
            throw new NotSupportedException(
                $"This export takes {export.File.Size} bytes, more than one file can hold "
                    + $"by {nameof(OnnxExportOptions)}.{nameof(OnnxExportOptions.ExternalDataThreshold)}, and a stream cannot be split into files. "
                    + $"Export to a path.");
        destination.Write(export.File.Graph.Span);
        return export.Report;
    }

    /// <inheritdoc cref="ExportToOnnx(RecurrentModel, Stream, OnnxExportOptions?)"/>
    /// <param name="model">The model.</param>
    /// <param name="path">The file to write. It is written to a temporary file and renamed, so a failed export leaves an existing file unchanged.</param>
    /// <param name="options">The export options; null for the defaults.</param>
    public static OnnxExportReport ExportToOnnx(this RecurrentModel model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var export = OnnxExport.Create(model, options ?? new());
        return export.Report with { FileSize = export.File.Write(path) };
    }
}
