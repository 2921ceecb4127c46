using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Scoring.Export;
using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML;

/// <summary>Exports trained models to ONNX.</summary>
public static class RecurrentModelExport
{
    /// <summary>Exports the model as one ONNX file for any ONNX runtime. It includes preprocessing: raw columns in, predictions out.</summary>
    /// <remarks>
    /// The graph has one input per source column, of the same name: sequences are float [batch, time, features] (token sequences int64 [batch, time]), statics
    /// float [batch, n]. If sequences vary in length, there is one more input, <c>sequence_length</c>, int64 [batch], and rows are padded to the longest of the
    /// batch. The outputs have the names of the transformer's columns. Of a translation it is the graph that writes the most likely token at each step.
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
    /// <param name="path">The file to write; of a translation a folder with <c>encoder.onnx</c>, <c>step.onnx</c>, <c>greedy.onnx</c> and
    /// <c>manifest.json</c>, for <see cref="RecurrentTranslationCatalog.LoadTranslator"/>. It is written under a temporary name and renamed, so a failed export
    /// leaves an existing file or folder unchanged.</param>
    /// <param name="options">The export options; null for the defaults.</param>
    public static OnnxExportReport ExportToOnnx(this RecurrentModel model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (model.Manifest.Translation is not null) return TranslationFolder.Export(model, path, options ?? new());
        var export = OnnxExport.Create(model, options ?? new());
        return export.Report with { FileSize = export.File.Write(path) };
    }

    /// <summary>
    /// Exports a text pipeline as one ONNX file that takes raw text: the splitting of TokenizeForRecurrent, the keys of BuildVocabulary and the model.
    /// </summary>
    /// <remarks>
    /// The input has the name of the text column and is string [batch]; further inputs and the outputs are those of
    /// <see cref="ExportToOnnx(RecurrentModel, Stream, OnnxExportOptions?)"/>. <see cref="TextTokenizer.Blanks"/> becomes StringSplit from opset 20 on, which
    /// every runtime has; words, white space and characters become Tokenizer, an operator of ONNX Runtime. The file can be scored, but not loaded as a model
    /// again.
    /// </remarks>
    /// <param name="pipeline">The fitted pipeline.</param>
    /// <param name="destination">The stream to write to; it stays open.</param>
    /// <param name="options">The export options; null for the defaults.</param>
    /// <param name="textIsLowerCase">Whether callers of the graph lower-case text themselves; required for a pipeline that lower-cases.</param>
    /// <exception cref="ArgumentException">The pipeline has no tokenizer, vocabulary and recurrent model in a row, or an option is out of range.</exception>
    /// <exception cref="NotSupportedException">No operator does what the tokenizer does, or the model cannot be exported in the requested form.</exception>
    public static OnnxExportReport ExportTextToOnnx(this ITransformer pipeline, Stream destination, OnnxExportOptions? options = null,
        bool textIsLowerCase = false)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var (file, report) = ExportText(pipeline, options ?? new(), textIsLowerCase);
        destination.Write(file.Graph.Span);
        return report with { FileSize = file.Size };
    }

    /// <inheritdoc cref="ExportTextToOnnx(ITransformer, Stream, OnnxExportOptions?, bool)"/>
    /// <param name="pipeline">The fitted pipeline.</param>
    /// <param name="path">The file to write. It is written to a temporary file and renamed, so a failed export leaves an existing file unchanged.</param>
    /// <param name="options">The export options; null for the defaults.</param>
    /// <param name="textIsLowerCase">Whether callers of the graph lower-case text themselves; required for a pipeline that lower-cases.</param>
    public static OnnxExportReport ExportTextToOnnx(this ITransformer pipeline, string path, OnnxExportOptions? options = null, bool textIsLowerCase = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var (file, report) = ExportText(pipeline, options ?? new(), textIsLowerCase);
        return report with { FileSize = file.Write(path) };
    }

    private static (ModelBytes File, OnnxExportReport Report) ExportText(ITransformer pipeline, OnnxExportOptions options, bool textIsLowerCase)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        var steps = TextGraph.Steps(pipeline);
        if (options.Form is not OnnxExportForm.Sequence)
            throw new NotSupportedException("A graph of single steps takes one token a time, not text: export the Model of the transformer in that form.");
        var export = OnnxExport.Create(steps.Model.Model, options);
        var graph = TextGraph.Create(steps, export.File.Parse(), options, textIsLowerCase);
        return (ModelBytes.Create(graph, null, ModelBytes.Limit), export.Report);
    }
}
