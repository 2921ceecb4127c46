namespace Microsoft.ML.Recurrent.Sources.Tests;

// As on docs/forecasting-sources.md; a test compares both.
class Reading
{
    public DateTime Time { get; set; }

    public float Load { get; set; }
}
