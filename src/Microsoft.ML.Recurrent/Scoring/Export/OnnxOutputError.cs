using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>How far an exported file's answers in one output are from those of the model in 32-bit floats.</summary>
public sealed record OnnxOutputError
{
    internal OnnxOutputError(string name) => Name = name;

    /// <summary>The output's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The greatest absolute difference of two numbers; NaN where one of the two is no finite number and the other is. Of <see cref="OnnxPrecision.Int8"/> no
    /// less than the difference between a row that is scored alone and the same row among all others (the first 256 rows).
    /// </summary>
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
