using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>What is trained: columns, horizon, time and validation.</summary>
public sealed class TrainingOption
{
    /// <summary>The first version of the format in which the time of training stands in this object.</summary>
    internal const int FirstVersion = 3;

    // Model Builder's own values for no limit.
    private static readonly int[] NoLimit = [0, int.MaxValue, int.MaxValue / 1000];

    private const string Key = nameof(TrainingOption);

    private readonly JsonObject _root;
    private readonly bool _timeAbove;

    internal TrainingOption(JsonObject root, int version) => (_root, _timeAbove) = (root, version < FirstVersion);

    // Read without a trace: what is absent is added where it is set.
    private JsonObject? Known => _root[Key] as JsonObject;

    private JsonObject Own => _root.Child(Key);

    /// <summary>The name of the kind of option. The format spells that of texts without an i: TextClassfication.</summary>
    public string Type => Known.Text("Type") ?? "";

    /// <summary>Seconds of training; null for no limit.</summary>
    public int? TrainingTime
    {
        get => (_timeAbove ? _root : Known).Int("TrainingTime") is { } seconds && !NoLimit.Contains(seconds) ? seconds : null;
        set => (_timeAbove ? _root : Own)["TrainingTime"] = value ?? int.MaxValue;
    }

    /// <summary>The column that is learned: in old versions the column whose purpose is Label.</summary>
    public string? LabelColumn
    {
        get => Known.Text("LabelColumn")
            ?? (_root["DataSource"] as JsonObject).Objects("ColumnProperties").FirstOrDefault(static column => column.Text("ColumnPurpose") == "Label")
                .Text("ColumnName");
        set => Own["LabelColumn"] = value;
    }

    /// <summary>The column of times, of forecasting.</summary>
    public string? TimeColumn
    {
        get => Known.Text("TimeColumn");
        set => Own["TimeColumn"] = value;
    }

    /// <summary>The column of texts, of text classification.</summary>
    public string? TextColumn
    {
        get => Known.Text("TextColumn");
        set => Own["TextColumn"] = value;
    }

    /// <summary>Steps to forecast.</summary>
    public int? Horizon
    {
        get => Known.Int("Horizon");
        set => Own["Horizon"] = value;
    }

    /// <summary>Whether the series has no times: its rows are one step apart.</summary>
    public bool UseDefaultIndex
    {
        get => Known.Bool("UseDefaultIndex") ?? false;
        set => Own["UseDefaultIndex"] = value;
    }

    /// <summary>The metric by which trials are compared.</summary>
    public string? OptimizeMetric
    {
        get => Known.Text("OptimizeMetric");
        set => Own["OptimizeMetric"] = value;
    }

    /// <summary>The fraction of the rows that is held out; null with cross-validation.</summary>
    public double? ValidationFraction
    {
        get => Known?["ValidationOption"] is JsonObject option ? option.Number("SplitRatio") : null;
        set => Own["ValidationOption"] = value is { } fraction
            ? new JsonObject { ["Version"] = 0, ["Type"] = "TrainValidateSplitValidationOption", ["SplitRatio"] = fraction }
            : null;
    }

    /// <summary>The folds of cross-validation; null with a part that is held out.</summary>
    public int? NumberOfFolds => Known?["ValidationOption"] is JsonObject option ? option.Int("NumberOfFolds") : null;

    internal static JsonObject Create(string scenario) => scenario switch
    {
        ConfigScenario.Forecasting => new() { ["Version"] = 3, ["OptimizeMetric"] = "RMSE", ["Subsampling"] = false, ["Type"] = "ForecastingTrainingOption" },
        ConfigScenario.TextClassification => new() { ["Version"] = 1, ["Type"] = "TextClassficationTrainingOption" },
        _ => new() { ["Version"] = 2, ["Subsampling"] = false, ["Type"] = scenario + "TrainingOption" },
    };
}
