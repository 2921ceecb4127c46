using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Forecasting of series.</summary>
internal sealed class ForecastingTask : RecurrentTask
{
    public static readonly ForecastingTask Instance = new();

    public override ModelTask Name => ModelTask.Forecasting;

    public override ImmutableArray<ValidationMetric> Metrics =>
        [ValidationMetric.Loss, ValidationMetric.MeanAbsoluteError, ValidationMetric.RootMeanSquaredError];

    public override string ScoreKind => "MultiOutputRegression";

    // Bounds are recalibrated.
    public override bool KeepsHead => false;

    // In series data, a row is forecast from the rows up to it.
    public override bool IsRowWise(ModelManifest manifest) => manifest.Forecast!.RowsHoldWindows;

    public override IEnumerable<DataViewSchema.Column> FindColumns(ModelManifest manifest, DataViewSchema schema) =>
        IsRowWise(manifest) ? WindowCollector.Check(manifest, schema) : SeriesCollector.Check(manifest, schema);

    public override IExampleCollector CreateCollector(ModelManifest manifest, DataViewRow row, IDataView? data) =>
        IsRowWise(manifest) ? new WindowCollector(row, manifest) : new SeriesCollector(row, manifest, data is null ? null : FutureRows.Read(data, manifest),
            data as ObservedRowsView);

    public override ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output)
    {
        // Samples have a separate dimension for steps.
        if (output.Steps > 0) return [];
        var targets = manifest.Forecast!.Targets;
        return targets.Length <= 1 || output.Size != manifest.Forecast.Horizon * targets.Length
            ? [.. Enumerable.Range(1, output.Size).Select(step => string.Create(CultureInfo.InvariantCulture, $"t+{step}"))]
            : [.. Enumerable.Range(0, output.Size).Select(i =>
                string.Create(CultureInfo.InvariantCulture, $"{targets[i % targets.Length]} t+{i / targets.Length + 1}"))];
    }

    public override (ModelProto Graph, ModelManifest Manifest) StepForm(RecurrentModel model) =>
        model.Manifest.Forecast is not { NumberOfPaths: > 0 } ? base.StepForm(model)
        : throw new NotSupportedException(
            "The model cannot be fed step by step: it draws paths of a whole horizon. Train it without Output.SamplesColumnName.");
}
