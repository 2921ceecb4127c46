using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>What an export has written: the file's size, and, where its precision is less than the model's own, how far its answers are from the model's.</summary>
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

/// <summary>How far an exported file's answers in one output are from those of the model in 32-bit floats.</summary>
public sealed record OnnxOutputError
{
    internal OnnxOutputError(string name) => Name = name;

    /// <summary>The output's name.</summary>
    public string Name { get; }

    /// <summary>The greatest absolute difference of two numbers; NaN where one of the two is no finite number and the other is.</summary>
    public double MaximumAbsoluteError { get; internal init; }

    /// <summary>The mean absolute difference.</summary>
    public double MeanAbsoluteError { get; internal init; }

    /// <summary>The mean absolute value of the model's own answers: what the errors are to be compared with.</summary>
    public double MeanAbsoluteValue { get; internal init; }

    /// <summary>The share of answers that are the same: for labels and other whole numbers what counts.</summary>
    public double Agreement { get; internal init; }

    /// <summary>One line of text.</summary>
    /// <returns>The line.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: greatest error {MaximumAbsoluteError:G3}, mean {MeanAbsoluteError:G3} (mean answer {MeanAbsoluteValue:G3}), {Agreement:P1} equal");
}
