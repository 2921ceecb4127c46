namespace Microsoft.ML.Recurrent.Sources.Tests;

// As on docs/forecasting-sources.md; a test compares both.
static class ReadingSource
{
    public static IEnumerable<Reading> Read(System.Data.Common.DbDataReader reader)
    {
        // NULL is a missing value.
        while (reader.Read()) yield return new() { Time = reader.GetDateTime(0), Load = reader.IsDBNull(1) ? float.NaN : (float)reader.GetDouble(1) };
    }
}
