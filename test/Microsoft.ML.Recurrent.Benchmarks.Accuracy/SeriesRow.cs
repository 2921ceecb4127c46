namespace Microsoft.ML.Recurrent.Benchmarks.Accuracy;

/// <summary>A row of any set. The schema that a set gives says how many <see cref="Values"/> there are.</summary>
internal sealed class SeriesRow
{
    public string Series { get; set; } = "";

    public DateTime Time { get; set; }

    public float[] Values { get; set; } = [];

    public float[] Known { get; set; } = [];
}
