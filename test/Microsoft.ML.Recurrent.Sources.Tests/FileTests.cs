using System.Globalization;
using Microsoft.Data.Analysis;
using Microsoft.ML.Data;
using Parquet.Serialization;

namespace Microsoft.ML.Recurrent.Sources.Tests;

/// <summary>Rows from CSV, Parquet and a data frame, as docs/forecasting-sources.md says.</summary>
[TestClass]
public sealed class FileTests
{
    private readonly Hours _hours = new();

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public float? Load { get; set; }
    }

    [TestCleanup]
    public void Delete() => _hours.Dispose();

    [TestMethod]
    public void The_code_of_the_page_is_the_code_of_these_tests()
    {
        var page = File.ReadAllText(Path.Combine(SharedFolder.Repository, "docs", "forecasting-sources.md")).ReplaceLineEndings("\n");
        foreach (var name in (string[])["ReadingSource.cs", "Reading.cs"])
        {
            var code = File.ReadAllText(Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Sources.Tests", name)).ReplaceLineEndings("\n");
            StringAssert.Contains(page, $"```csharp\n{code[(code.IndexOf("both.\n", StringComparison.Ordinal) + 6)..]}```");
        }
    }

    [TestMethod]
    public void Empty_cells_of_a_CSV_file_are_NaN_where_it_is_asked_and_0_where_not()
    {
        File.WriteAllLines(_hours["load.csv"], Hours.Nullable.Select(row => string.Create(CultureInfo.InvariantCulture,
            $"{row.Time:yyyy-MM-dd HH:mm},{row.Load}")).Prepend("Time,Load"));
        IDataView Load(bool missing) => Hours.Context.Data.CreateTextLoader(new TextLoader.Options
        {
            Separators = [','],
            HasHeader = true,
            MissingRealsAsNaNs = missing,
            Columns = [new("Time", DataKind.DateTime, 0), new("Load", DataKind.Single, 1)],
        }).Load(_hours["load.csv"]);

        Hours.Check(Load(missing: true));
        CollectionAssert.AreEqual(Hours.Readings.Select(row => float.IsNaN(row.Load) ? 0 : row.Load).ToArray(),
            Load(missing: false).GetColumn<float>("Load").ToArray());
    }

    /// <summary>Parquet.Net keeps the clock of times without a zone, and writes times of the kind Local as UTC.</summary>
    [TestMethod]
    public async Task Rows_of_a_Parquet_file_are_read_and_local_times_as_UTC()
    {
        var path = _hours["load.parquet"];
        foreach (var kind in Enum.GetValues<DateTimeKind>())
        {
            using (var file = File.Create(path))
            {
                await ParquetSerializer.SerializeAsync(Hours.Readings.Select(row => new Row
                {
                    Time = DateTime.SpecifyKind(row.Time, kind), Load = float.IsNaN(row.Load) ? null : row.Load,
                }).ToList(), file);
            }
            using var source = File.OpenRead(path);
            var rows = (await ParquetSerializer.DeserializeAsync<Row>(source)).Data;
            Assert.IsTrue(rows.All(row => row.Time.Kind is DateTimeKind.Unspecified));
            if (kind is DateTimeKind.Local)
            {
                CollectionAssert.AreEqual(Hours.Readings.Select(row => DateTime.SpecifyKind(row.Time, kind).ToUniversalTime().Ticks).ToArray(),
                    rows.Select(row => row.Time.Ticks).ToArray());
                continue;
            }
            Hours.Check(Hours.Context.Data.LoadFromEnumerable(rows.Select(row => new Reading { Time = row.Time, Load = row.Load ?? float.NaN })));
        }
    }

    [TestMethod]
    public void A_data_frame_is_a_view_whose_nulls_are_NaN_in_reals_and_0_in_integers()
    {
        var load = Hours.Nullable.Select(row => row.Load).ToArray();
        var frame = new DataFrame(new PrimitiveDataFrameColumn<DateTime>("Time", Hours.Readings.Select(row => row.Time)),
            new PrimitiveDataFrameColumn<float>("Load", load.Select(value => (float?)value)), new PrimitiveDataFrameColumn<double>("Wide", load),
            new PrimitiveDataFrameColumn<int>("Whole", load.Select(value => (int?)value)));
        Hours.Check(frame);
        IDataView view = frame;
        CollectionAssert.AreEqual(load.Select(value => value ?? double.NaN).ToArray(), view.GetColumn<double>("Wide").ToArray());
        CollectionAssert.AreEqual(load.Select(value => (int)(value ?? 0)).ToArray(), view.GetColumn<int>("Whole").ToArray());

        // A null in the column of times has no time.
        frame["Time"][7] = null;
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Hours.Forecast(frame)).Message, "Row 7");
    }
}
