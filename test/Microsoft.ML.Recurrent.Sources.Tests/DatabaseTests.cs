using System.Data;
using System.Data.Common;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Sources.Tests;

/// <summary>Rows from SQLite, DuckDB and Entity Framework Core, as docs/forecasting-sources.md says.</summary>
[TestClass]
public sealed class DatabaseTests
{
    private readonly Hours _hours = new();

    [TestCleanup]
    public void Delete()
    {
        // A pooled connection holds the file.
        SqliteConnection.ClearAllPools();
        _hours.Dispose();
    }

    private string Text(bool duck) => $"Data Source={_hours[duck ? "load.duckdb" : "load.db"]}";

    private DbConnection Create(bool duck)
    {
        DbConnection connection = duck ? new DuckDBConnection(Text(duck)) : new SqliteConnection(Text(duck));
        connection.Open();
        using var command = connection.CreateCommand();
        // Last first: the order is the query's.
        var rows = string.Join(", ", Hours.Nullable.Reverse().Select(row => string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"('{row.Time:yyyy-MM-dd HH:mm:ss}', {(row.Load is { } load ? $"{load}, {load}, {load}" : "NULL, NULL, NULL")})")));
        command.CommandText =
            $"CREATE TABLE readings(time {(duck ? "TIMESTAMP" : "TEXT")}, load {(duck ? "DOUBLE" : "REAL")}, exact DECIMAL(10, 2), whole INTEGER); "
            + $"INSERT INTO readings VALUES {rows}";
        command.ExecuteNonQuery();
        return connection;
    }

    private static string Query(string load) => $"SELECT time, {load} FROM readings ORDER BY time";

    private IDataView Load(bool duck, string load) => Hours.Context.Data.CreateDatabaseLoader(
        new DatabaseLoader.Column("Time", DbType.DateTime, 0), new DatabaseLoader.Column("Load", DbType.Single, 1))
        .Load(new DatabaseSource(duck ? DuckDBClientFactory.Instance : SqliteFactory.Instance, Text(duck), Query(load)));

    private static List<Reading> Read(DbConnection connection, string load)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Query(load);
        using var reader = command.ExecuteReader();
        return [.. ReadingSource.Read(reader)];
    }

    [TestMethod]
    [DataRow(false, "load")]
    [DataRow(false, "exact")]
    [DataRow(false, "SUM(whole) OVER (PARTITION BY time)")]
    [DataRow(true, "load")]
    [DataRow(true, "CAST(exact AS DOUBLE)")]
    [DataRow(true, "CAST(SUM(whole) OVER (PARTITION BY time) AS DOUBLE)")]
    public void A_reader_and_the_loader_give_the_rows(bool duck, string load)
    {
        using var connection = Create(duck);
        Hours.Check(Hours.Context.Data.LoadFromEnumerable(Read(connection, load)));
        connection.Dispose();
        Hours.Check(Load(duck, load));
    }

    [TestMethod]
    [DataRow("exact")]
    [DataRow("SUM(whole) OVER (PARTITION BY time)")]
    public void DuckDBs_DECIMAL_and_HUGEINT_want_a_cast(string load)
    {
        using var connection = Create(duck: true);
        Assert.ThrowsExactly<InvalidCastException>(() => Read(connection, load));
        connection.Dispose();
        Assert.ThrowsExactly<InvalidCastException>(() => Load(duck: true, load).GetColumn<float>("Load").ToArray());
    }

    [TestMethod]
    public void A_query_of_Entity_Framework_is_a_view()
    {
        using (var connection = Create(duck: false)) { }
        using var context = new Readings(Text(duck: false));
        // A null is no Single: the query makes it NaN.
        Hours.Check(Hours.Context.Data.LoadFromEnumerable(context.Rows.AsNoTracking().OrderBy(row => row.Time).AsEnumerable()
            .Select(row => new Reading { Time = row.Time, Load = row.Load ?? float.NaN })));
    }

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public float? Load { get; set; }
    }

    private sealed class Readings(string connection) : DbContext
    {
        public DbSet<Row> Rows => Set<Row>();

        protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite(connection);

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            var row = modelBuilder.Entity<Row>().ToTable("readings");
            row.HasKey(one => one.Time);
            row.Property(one => one.Time).HasColumnName("time");
            row.Property(one => one.Load).HasColumnName("load");
        }
    }
}
