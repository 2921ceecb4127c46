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

    /// <summary>The rows whose forecasts it stands for.</summary>
    public int Rows { get; set; } = 1;

    public IssuedBounds Copy() => new(row, level, [.. values], lower, upper) { Rows = Rows };

    public void Save(BinaryWriter writer)
    {
        writer.Write(row);
        writer.Write(level);
        writer.Write(Rows);
        writer.Write(values.Length);
        foreach (var numbers in new[] { values, lower, upper })
        {
            foreach (var number in numbers) writer.Write(number);
        }
    }

    public static IssuedBounds Load(BinaryReader reader, int outputs)
    {
        var (row, level, rows, length) = (reader.ReadInt64(), reader.ReadSingle(), reader.ReadInt32(), reader.ReadInt32());
        if (rows < 1 || length < 0 || length > outputs || !(level is > 0 and < 1)) throw new InvalidDataException("The bounds of a forecast are corrupt.");
        return new(row, level, Read(), Read(), Read()) { Rows = rows };

        double[] Read()
        {
            var numbers = new double[length];
            for (var i = 0; i < length; i++) numbers[i] = reader.ReadDouble();
            return numbers;
        }
    }
}
