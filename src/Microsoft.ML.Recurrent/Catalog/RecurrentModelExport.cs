using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Scoring.Export;

namespace Microsoft.ML;

/// <summary>Writes trained models as ONNX files.</summary>
public static class RecurrentModelExport
{
    /// <summary>Writes the model as one ONNX file, which any ONNX runtime scores: raw columns in, answers out.</summary>
    /// <remarks>
    /// The graph has one input for each source column, named like it: sequences are float [batch, time, features] (token sequences int64 [batch, time]),
    /// statics float [batch, n]. Where sequences vary in length there is one more input, <c>sequence_length</c>, int64 [batch]; rows are padded to the longest
    /// of the batch. The outputs are named like the columns that the transformer writes.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="destination">The stream to write to; it is left open.</param>
    /// <param name="options">How to write it; null for the defaults.</param>
    /// <returns>What was written, and, where its precision is less than the model's own, by how much its answers differ.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">The model cannot be written in the form that was asked for; the message says why.</exception>
    public static OnnxExportReport ExportToOnnx(this RecurrentModel model, Stream destination, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(destination);
        var export = OnnxExport.Create(model, options ?? new());
        if (export.File.HasWeightsApart)
            throw new NotSupportedException(
                $"This export takes {export.File.Size} bytes, more than one file holds "
                    + $"by {nameof(OnnxExportOptions)}.{nameof(OnnxExportOptions.ExternalDataThreshold)}, and a stream has no second file for the weights. "
                    + $"Export to a path.");
        destination.Write(export.File.Graph.Span);
        return export.Report;
    }

    /// <inheritdoc cref="ExportToOnnx(RecurrentModel, Stream, OnnxExportOptions?)"/>
    /// <param name="model">The model.</param>
    /// <param name="path">The file to write. It is written beside itself first and then renamed: when writing fails, a file that was there before stays as it
    /// was.</param>
    /// <param name="options">How to write it; null for the defaults.</param>
    public static OnnxExportReport ExportToOnnx(this RecurrentModel model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var export = OnnxExport.Create(model, options ?? new());
        return export.Report with { FileSize = export.File.Write(path) };
    }
}
