using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>
/// A training configuration in the format of Model Builder (.mbconfig), versions none to 5. Whatever the format holds beside the properties here is kept, byte
/// for byte, when the file is written again; keys that are new stand at the end of their objects.
/// </summary>
public sealed class TrainingConfig
{
    /// <summary>The extension of such files.</summary>
    public const string FileExtension = ".mbconfig";

    private const int NewestVersion = 5;

    private readonly JsonText _form;
    private readonly JsonObject _root;

    private TrainingConfig(JsonObject root, JsonText form) => (_root, _form) = (root, form);

    /// <summary>A new configuration, of version 5.</summary>
    /// <param name="scenario">The scenario, as Model Builder spells it: one of <see cref="ConfigScenario"/>.</param>
    public TrainingConfig(string scenario)
        : this([], JsonText.New)
    {
        ArgumentException.ThrowIfNullOrEmpty(scenario);
        _root["Scenario"] = scenario;
        _root["DataSource"] = TabularSource.Create();
        _root["Environment"] = new JsonObject { ["Type"] = "LocalCPU", ["Version"] = 1 };
        _root["Type"] = "TrainingConfig";
        _root["Version"] = NewestVersion;
        _root["TrainingOption"] = TrainingOption.Create(scenario);
    }

    /// <summary>The version of the format; 0 for files that name none.</summary>
    public int Version => _root.Int("Version") ?? 0;

    /// <summary>The scenario, as Model Builder spells it; see <see cref="ConfigScenario"/>.</summary>
    /// <exception cref="InvalidDataException">The file names none.</exception>
    public string Scenario => (_root["Scenario"] is JsonObject old ? old.Text("ScenarioType") : _root.Text("Scenario"))
        ?? throw new InvalidDataException("The configuration names no Scenario.");

    /// <summary>The data; null where they are no table in a file (a database, a folder of images).</summary>
    public TabularSource? Data => _root["DataSource"] is JsonObject source && (source.Text("Type") ?? source.Text("DataSourceType")) == TabularSource.TypeName
        ? new(source)
        : null;

    /// <summary>What is trained: columns, horizon, time, validation.</summary>
    public TrainingOption Training => new(_root, Version);

    /// <summary>The result of the last run; null before the first.</summary>
    public RunHistory? History => _root["RunHistory"] is JsonObject history ? new(history) : null;

    /// <summary>Options that Model Builder does not know: the last key of the file.</summary>
    public RecurrentSection Recurrent => new(_root);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is no training configuration.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TrainingConfig Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (node, form) = JsonText.Read(path);
        if (node is not JsonObject root || root["Scenario"] is null)
            throw new InvalidDataException($"'{path}' is no training configuration: it names no Scenario.");
        return new(root, form);
    }

    /// <summary>Writes the file: all of it, or nothing. Bytes that no property has changed stay as they were.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    public void Write(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _form.Write(path, _root);
    }

    /// <summary>Begins a new result of a run, which replaces the last one.</summary>
    public RunHistory BeginHistory()
    {
        var history = RunHistory.Create();
        _root.Insert("RunHistory", history, before: "Type");
        return new(history);
    }
}
