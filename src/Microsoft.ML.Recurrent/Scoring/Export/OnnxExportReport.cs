using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What an export has written: the file's size, and, where its precision is less than the model's own, how far its answers are from the model's.
/// </summary>
public sealed record OnnxExportReport
{
    internal OnnxExportReport()
    {
    }

    /// <summary>In what numbers the file keeps its weights and computes.</summary>
    public OnnxPrecision Precision { get; internal init; }

    /// <summary>Bytes written, those of a file of weights beside the model included.</summary>
    public long FileSize { get; internal init; }

    /// <summary>Bytes that the same export takes in 32-bit floats.</summary>
    public long SingleFileSize { get; internal init; }

    /// <summary>Rows by which the error was measured; 0 where it was not.</summary>
    public int Rows { get; internal init; }

    /// <summary>The error of each output, in the graph's order; empty where it was not measured.</summary>
    public ImmutableArray<OnnxOutputError> Outputs { get; internal init; } = [];

    /// <summary>A few lines of text: sizes, and a line for each output.</summary>
    /// <returns>The text, lines ended by '\n'.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Precision}: {FileSize:N0} bytes, {(double)FileSize / SingleFileSize:P0} of {SingleFileSize:N0}\n");
        foreach (var output in Outputs) text.Append(CultureInfo.InvariantCulture, $"{output}\n");
        if (Rows > 0) text.Append(CultureInfo.InvariantCulture, $"({Rows} rows)\n");
        return text.ToString();
    }
}
