using System.Collections.Immutable;
using Microsoft.Data.Sqlite;

namespace Microsoft.ML.Recurrent.Workbench.Search;

/// <summary>
/// Keeps the trials of an experiment in a SQLite file, the best model and checkpoints beside it: an experiment that was killed goes on where it was. One
/// process at a time.
/// </summary>
public sealed class SqliteTrialStore : TrialStore
{
    private readonly Lock _lock = new();
    private readonly MLContext _context;
    private readonly SqliteConnection _connection;
    private readonly string _path, _folder;

    private SqliteTrialStore(MLContext context, string path, SqliteConnection connection)
    {
        (_context, _path, _connection) = (context, path, connection);
        _folder = Path.ChangeExtension(path, null);
    }

    /// <summary>Opens a file of trials, or creates it. Models and checkpoints are in the folder beside it that has its name without extension.</summary>
    /// <param name="mlContext">The context by which models are saved and loaded.</param>
    /// <param name="path">The file, such as <c>trials.db</c>; its folder has to exist.</param>
    /// <exception cref="InvalidDataException">The file holds no trials, or is damaged; it is left as it is.</exception>
    /// <exception cref="IOException">The file is in use by another process, or cannot be opened.</exception>
    public static SqliteTrialStore Open(MLContext mlContext, string path)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        return new(mlContext, path, TrialDatabase.Open(path));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TrialResult> Begin(string experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        lock (_lock)
        {
            if (TrialDatabase.Scalar(_connection, "SELECT description FROM experiment") is not string known)
                TrialDatabase.Execute(_connection, "INSERT INTO experiment VALUES (1, $text)", ("$text", experiment));
            else if (known != experiment) throw Foreign($"'{_path}'", known, experiment);
            return Read();
        }
    }

    /// <inheritdoc/>
    public override void Save(TrialResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var number = result.Trial.Number;
        lock (_lock)
        {
            using (var transaction = _connection.BeginTransaction())
            {
                TrialDatabase.Execute(_connection, """
                    INSERT INTO trial VALUES ($number, $seed, $state, $metric, $reason, $epochs, $best, $seconds)
                    ON CONFLICT (number) DO UPDATE SET state = $state, metric = $metric, reason = $reason, epochs = $epochs, best_epoch = $best,
                        elapsed_seconds = $seconds
                    """, ("$number", number), ("$seed", result.Trial.Seed), ("$state", result.State.ToString()), ("$metric", result.Metric),
                    ("$reason", result.Reason), ("$epochs", result.Epochs), ("$best", result.BestEpoch), ("$seconds", result.Elapsed.TotalSeconds));
                foreach (var (path, value) in result.Trial.Parameters)
                {
                    TrialDatabase.Execute(_connection, "INSERT OR REPLACE INTO parameter VALUES ($number, $path, $value)",
                        ("$number", number), ("$path", path), ("$value", value));
                }
                // A running trial has one more epoch than before; one that goes on from a checkpoint may have fewer.
                TrialDatabase.Execute(_connection, "DELETE FROM epoch WHERE trial = $number AND epoch > $count",
                    ("$number", number), ("$count", result.Curve.Length));
                for (var epoch = result.IsFinished ? 1 : Math.Max(1, result.Epochs); epoch <= result.Curve.Length; epoch++)
                {
                    TrialDatabase.Execute(_connection, "INSERT OR REPLACE INTO epoch VALUES ($number, $epoch, $value)",
                        ("$number", number), ("$epoch", epoch), ("$value", result.Curve[epoch - 1]));
                }
                for (var place = 0; place < result.Folds.Length; place++)
                {
                    var fold = result.Folds[place];
                    TrialDatabase.Execute(_connection, "INSERT OR REPLACE INTO fold VALUES ($number, $place, $name, $metric, $seconds, $reason)",
                        ("$number", number), ("$place", place), ("$name", fold.Fold), ("$metric", fold.Metric), ("$seconds", fold.Elapsed.TotalSeconds),
                        ("$reason", fold.Reason));
                }
                transaction.Commit();
            }
            // What has ended is on the disk, also where the power fails.
            if (result.IsFinished) TrialDatabase.Execute(_connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }
    }

    /// <inheritdoc/>
    public override void SaveModel(int trial, ITransformer model, DataViewSchema schema)
    {
        var file = $"{trial}.mlnet";
        lock (_lock)
        {
            Directory.CreateDirectory(_folder);
            _context.Model.SaveAtomically(model, schema, Path.Combine(_folder, file));
            var before = TrialDatabase.Scalar(_connection, "SELECT file FROM model") as string;
            TrialDatabase.Execute(_connection, "INSERT OR REPLACE INTO model VALUES (1, $trial, $file)", ("$trial", trial), ("$file", file));
            if (before is not null && before != file) File.Delete(Path.Combine(_folder, before));
        }
    }

    /// <inheritdoc/>
    public override ITransformer? LoadModel(int trial)
    {
        lock (_lock)
        {
            using var command = TrialDatabase.Command(_connection, "SELECT file FROM model WHERE trial = $trial", ("$trial", trial));
            return command.ExecuteScalar() is string file && Path.Combine(_folder, file) is var path && File.Exists(path)
                ? _context.Model.Load(path, out _) : null;
        }
    }

    /// <inheritdoc/>
    public override string? CheckpointFolder(int trial, bool isRefit) => Path.Combine(_folder, $"{trial}.{(isRefit ? "refit" : "training")}");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_lock) _connection.Dispose();
        }
        base.Dispose(disposing);
    }

    private List<TrialResult> Read()
    {
        var parameters = new Dictionary<int, ImmutableSortedDictionary<string, string>.Builder>();
        foreach (var row in Rows("SELECT trial, path, value FROM parameter"))
        {
            if (!parameters.TryGetValue(row.GetInt32(0), out var own))
                parameters[row.GetInt32(0)] = own = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            own[row.GetString(1)] = row.GetString(2);
        }
        var curves = Rows("SELECT trial, value FROM epoch ORDER BY trial, epoch").Select(row => (row.GetInt32(0), row.GetDouble(1))).ToList()
            .ToLookup(one => one.Item1, one => one.Item2);
        var folds = Rows("SELECT trial, name, metric, elapsed_seconds, reason FROM fold ORDER BY trial, place")
            .Select(row => (Trial: row.GetInt32(0), Result: new FoldResult(row.GetString(1), row.IsDBNull(2) ? null : row.GetDouble(2),
                TimeSpan.FromSeconds(row.GetDouble(3)), row.IsDBNull(4) ? null : row.GetString(4))))
            .ToList().ToLookup(static one => one.Trial, static one => one.Result);
        return [.. Rows("SELECT number, seed, state, metric, reason, epochs, best_epoch, elapsed_seconds FROM trial ORDER BY number").Select(row =>
        {
            var number = row.GetInt32(0);
            var trial = new Trial(number, row.GetInt32(1), parameters.GetValueOrDefault(number)?.ToImmutable()
                ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));
            return new TrialResult(trial)
            {
                State = Enum.Parse<TrialState>(row.GetString(2)),
                Metric = row.IsDBNull(3) ? null : row.GetDouble(3),
                Reason = row.IsDBNull(4) ? null : row.GetString(4),
                Curve = [.. curves[number]],
                Epochs = row.GetInt32(5),
                BestEpoch = row.GetInt32(6),
                Elapsed = TimeSpan.FromSeconds(row.GetDouble(7)),
                Folds = [.. folds[number]],
            };
        })];
    }

    private IEnumerable<SqliteDataReader> Rows(string text)
    {
        using var command = TrialDatabase.Command(_connection, text);
        using var reader = command.ExecuteReader();
        while (reader.Read()) yield return reader;
    }
}
