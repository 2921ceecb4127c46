using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Microsoft.ML.Recurrent.Workbench.Search;

/// <summary>The file of a <see cref="SqliteTrialStore"/>: opened for this process alone, and refused where it is no such file.</summary>
internal static class TrialDatabase
{
    // "MLRT". SQLite keeps both numbers in the first 100 bytes of a file.
    private const int ApplicationId = 0x4D4C5254, Version = 1, HeaderLength = 100, VersionOffset = 60, ApplicationOffset = 68;

    // SQLite's primary error codes.
    private const int Busy = 5, Locked = 6, Corrupt = 11, NotADatabase = 26;

    private const string Tables = """
        CREATE TABLE experiment (id INTEGER PRIMARY KEY CHECK (id = 1), description TEXT NOT NULL);
        CREATE TABLE trial (number INTEGER PRIMARY KEY, seed INTEGER NOT NULL, state TEXT NOT NULL, metric REAL, reason TEXT, epochs INTEGER NOT NULL,
            best_epoch INTEGER NOT NULL, elapsed_seconds REAL NOT NULL);
        CREATE TABLE parameter (trial INTEGER NOT NULL REFERENCES trial ON DELETE CASCADE, path TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (trial, path)) WITHOUT ROWID;
        CREATE TABLE epoch (trial INTEGER NOT NULL REFERENCES trial ON DELETE CASCADE, epoch INTEGER NOT NULL, value REAL NOT NULL,
            PRIMARY KEY (trial, epoch)) WITHOUT ROWID;
        CREATE TABLE model (id INTEGER PRIMARY KEY CHECK (id = 1), trial INTEGER NOT NULL, file TEXT NOT NULL);
        """;

    // Files of older builds lack it.
    private const string Folds = """
        CREATE TABLE IF NOT EXISTS fold (trial INTEGER NOT NULL REFERENCES trial ON DELETE CASCADE, place INTEGER NOT NULL, name TEXT NOT NULL, metric REAL,
            elapsed_seconds REAL NOT NULL, reason TEXT, PRIMARY KEY (trial, place)) WITHOUT ROWID;
        """;

    /// <summary>Opens the file, or creates it.</summary>
    /// <exception cref="InvalidDataException">The file is no store, is damaged, or is of a later version. It is left as it is.</exception>
    /// <exception cref="IOException">Another process has it open.</exception>
    public static SqliteConnection Open(string path)
    {
        var isNew = !File.Exists(path) || new FileInfo(path).Length == 0;
        if (!isNew) CheckHeader(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            // Held until the connection is closed, or the process ends, however it does.
            Execute(connection, "PRAGMA locking_mode = EXCLUSIVE");
            if (isNew) Create(connection);
            else if (Scalar(connection, "PRAGMA quick_check(1)") is not "ok") throw Damaged(path, "its pages do not fit together");
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = NORMAL");
            Execute(connection, $"BEGIN IMMEDIATE; {Folds} COMMIT");
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw error.SqliteErrorCode switch
            {
                Busy or Locked => new IOException($"'{path}' is in use by another experiment: wait until it ends, or use another folder.", error),
                Corrupt or NotADatabase => Damaged(path, error.Message),
                _ => new IOException($"'{path}' cannot be opened: {error.Message}", error),
            };
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Execute(SqliteConnection connection, string text, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, text, parameters);
        command.ExecuteNonQuery();
    }

    public static SqliteCommand Command(SqliteConnection connection, string text, params (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    public static object? Scalar(SqliteConnection connection, string text)
    {
        using var command = Command(connection, text);
        return command.ExecuteScalar();
    }

    // Before the file is in WAL mode, so that its header tells whose it is after any interruption.
    private static void Create(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}; {Tables}");
        transaction.Commit();
    }

    // By its bytes: SQLite may write to a file that it opens.
    private static void CheckHeader(string path)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            if (file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength) throw Damaged(path, "it is too short");
        }
        if (!header.StartsWith("SQLite format 3\0"u8)) throw new InvalidDataException($"'{path}' holds no trials: it is no SQLite file. Use another name.");
        if (BinaryPrimitives.ReadInt32BigEndian(header[ApplicationOffset..]) != ApplicationId)
            throw new InvalidDataException($"'{path}' holds no trials: it is a database of another program. Use another name.");
        if (BinaryPrimitives.ReadInt32BigEndian(header[VersionOffset..]) is not Version and var version)
            throw new InvalidDataException($"'{path}' has version {version}; this program reads version {Version}. Use another name.");
    }

    private static InvalidDataException Damaged(string path, string how) =>
        new($"'{path}' is damaged: {how}. It is left as it is; use another name, or delete it to begin anew.");
}
