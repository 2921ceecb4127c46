using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>The result of an export: the size of the file and, for reduced precision, the error against the model.</summary>
public sealed record OnnxExportReport
{
    internal OnnxExportReport()
    {
    }

    /// <summary>The numeric precision of the file.</summary>
    public OnnxPrecision Precision { get; internal init; }

    /// <summary>Bytes written, including an external weight file.</summary>
    public long FileSize { get; internal init; }

    /// <summary>Size of the same export in 32-bit floats, in bytes.</summary>
    public long SingleFileSize { get; internal init; }

    /// <summary>Number of rows that measured the error; 0 if it was not measured.</summary>
    public int Rows { get; internal init; }

    /// <summary>The error of each output, in graph order; empty if not measured.</summary>
    public ImmutableArray<OnnxOutputError> Outputs { get; internal init; } = [];

    /// <summary>Formats the report: sizes, and one line per output.</summary>
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
