using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>The error of one output of an exported file against the model in 32-bit floats.</summary>
public sealed record OnnxOutputError
{
    internal OnnxOutputError(string name) => Name = name;

    /// <summary>The output's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The maximum absolute error; NaN if one of two compared values is finite and the other is not. For <see cref="OnnxPrecision.Int8"/> it also covers the
    /// difference between a row scored alone and the same row scored with all others (the first 256 rows).
    /// </summary>
    public double MaximumAbsoluteError { get; internal init; }

    /// <summary>The mean absolute error.</summary>
    public double MeanAbsoluteError { get; internal init; }

    /// <summary>The mean absolute value of the model's output, the reference for the errors.</summary>
    public double MeanAbsoluteValue { get; internal init; }

    /// <summary>The share of equal values: the relevant metric for labels and other integers.</summary>
    public double Agreement { get; internal init; }

    /// <summary>One line of text.</summary>
    /// <returns>The line.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: maximum error {MaximumAbsoluteError:G3}, mean {MeanAbsoluteError:G3} (mean value {MeanAbsoluteValue:G3}), {Agreement:P1} equal");
}
