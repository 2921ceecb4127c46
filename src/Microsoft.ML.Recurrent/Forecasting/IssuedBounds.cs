namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The bounds of a forecast of one series before their adaptation, kept until the outcomes are known.</summary>
/// <param name="row">The number of rows of the series before the first step.</param>
/// <param name="level">Their level.</param>
/// <param name="values">The forecasts, step by step; NaN for those that do not count, as after their outcome.</param>
/// <param name="lower">The lower bounds.</param>
/// <param name="upper">The upper bounds.</param>
internal sealed class IssuedBounds(long row, float level, double[] values, double[] lower, double[] upper)
{
    public long Row => row;

    public float Level => level;

    public double[] Values => values;

    public double[] Lower => lower;

    public double[] Upper => upper;

    /// <summary>The step size by which its outcomes count.</summary>
    public float Rate { get; set; }

    public IssuedBounds Copy() => new(row, level, [.. values], lower, upper) { Rate = Rate };

    public void Save(BinaryWriter writer)
    {
        writer.Write(row);
        writer.Write(level);
        writer.Write(Rate);
        writer.Write(values.Length);
        foreach (var numbers in new[] { values, lower, upper })
        {
            foreach (var number in numbers) writer.Write(number);
        }
    }

    public static IssuedBounds Load(BinaryReader reader, int outputs)
    {
        var (row, level, rate, length) = (reader.ReadInt64(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadInt32());
        if (!(rate is >= 0 and <= 1) || length < 0 || length > outputs || !(level is > 0 and < 1))
            throw new InvalidDataException("The bounds of a forecast are corrupt.");
        return new(row, level, Read(), Read(), Read()) { Rate = rate };

        double[] Read()
        {
            var numbers = new double[length];
            for (var i = 0; i < length; i++) numbers[i] = reader.ReadDouble();
            return numbers;
        }
    }
}
