using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <content>Window data.</content>
internal sealed partial record ForecastData
{
    /// <summary>
    /// Creates the data from rows of windows. Without a validation set, the last rows are held out, since neighboring windows share most of their steps.
    /// </summary>
    public static ForecastData FromWindows(RecurrentForecastingEstimator.Options options, IDataView trainData, IDataView? validationData)
    {
        var (layout, label) = WindowLayout.Resolve(trainData.Schema, options.WindowColumns(),
            options.Network.Initialization.Model?.Manifest.Forecast?.Categories ?? []);
        var rows = WindowRows.Read(trainData, layout, label, nameof(trainData), options.CancellationToken);
        layout.Step.Close();
        var masks = MissingMasks.Applies(options, rows.HasMissing);
        rows.Check(label.Name, masks, options.Normalization.TargetTransform);
        var precision = new NumberPrecision(options);
        precision.Add(rows, layout);
        layout = layout.With(precision.Apply);
        rows = rows.With(layout);
        var all = Usable(rows, nameof(trainData));
        var held = validationData is null ? (int)Math.Round(all.Length * (double)options.Stopping.ValidationShare) : 0;
        if (held == all.Length) held = 0;
        var train = all[..^held];
        ExampleSet? validation = held > 0 ? new(rows, all[^held..]) : null;
        if (validationData is not null)
        {
            var given = WindowRows.Read(validationData, layout, FindLabel(validationData.Schema, label), nameof(validationData), options.CancellationToken);
            given.Check(label.Name, masks, options.Normalization.TargetTransform);
            validation = new(given, Usable(given, nameof(validationData)));
        }
        return new()
        {
            Train = new ExampleSet(rows, train),
            Validation = validation,
            Sample = new(rows, train),
            ValidationSample = validation,
            Features = layout.Step.Features,
            Targets = layout.Targets,
            Statics = layout.Step.Statics,
            Future = layout.Future,
            FutureFeatures = layout.Step.Future,
            Categories = layout.Step.NetworkCategories(options.Input.Features.CategoryEmbeddingSize),
            SeenCategories = rows.FindSeen(train),
            AllowsMissing = masks,
            MasksMissing = MissingMasks.AppliesToSteps(options, masks, () => rows.HasMissingInWindow(train)),
            FutureMasks = MissingMasks.CountFuture(options, layout.Future, masks, () => rows.HasMissingFuture(train)),
            Precision = precision,
            Lags = SeriesTime.LagsOf(options, options.Input.Frequency),
            FeatureMoments = () => rows.FeatureMoments(train, options.Normalization.TargetTransform),
            StaticMoments = () => rows.StaticMoments(train),
            FutureMoments = () => rows.FutureMoments(train),
            Manifest = ForecastManifests.Create(options, layout.GraphInputs(),
                ForecastManifests.TargetNames(trainData.Schema, options.Input.InputColumnName, layout.Targets),
                layout.Step.CategoryManifests(), allowsMissing: masks),
        };
    }

    private static int[] Usable(WindowRows rows, string parameterName) => rows.WithTargets() is { Length: > 0 } usable ? usable
        : throw new ArgumentException("No row has a target both in its window and in its label: check the columns for NaN.",
            parameterName);

    private static DataViewSchema.Column FindLabel(DataViewSchema schema, DataViewSchema.Column trained)
    {
        var (label, size) = Columns.Numbers(schema, trained.Name, "label");
        var wanted = (trained.Type as VectorDataViewType)?.Size ?? 1;
        return size == wanted
            ? label
            : throw ColumnErrors.Mismatch("label", trained.Name, $"{wanted} numbers, as in the training data", label.Type.ToString()!);
    }
}
