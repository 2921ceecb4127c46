using Microsoft.ML.Data;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>A forecaster under test, declared once by class: its rows, its answers and its options. A test states what differs.</summary>
/// <typeparam name="TRow">A row of the data.</typeparam>
/// <typeparam name="TAnswer">The output columns that are asserted; those that a model lacks keep their initial value.</typeparam>
/// <param name="options">Creates the options.</param>
internal sealed class ForecasterFixture<TRow, TAnswer>(Func<Options> options)
    where TRow : class
    where TAnswer : class, new()
{
    public MLContext Context { get; } = new(1);

    public IDataView Load(IEnumerable<TRow> rows) => Context.Data.LoadFromEnumerable(rows.ToArray());

    /// <summary>The forecaster before training, whose options are checked here.</summary>
    public RecurrentForecastingEstimator Create(Options changed) => Context.Forecasting.ForecastByRecurrentNetwork(changed);

    public RecurrentForecastingTransformer Fit(IEnumerable<TRow> rows, Options changed) => Create(changed).Fit(Load(rows));

    public RecurrentForecastingTransformer Fit(IEnumerable<TRow> rows, Action<Options>? change = null, IEnumerable<TRow>? validation = null)
    {
        var changed = options();
        change?.Invoke(changed);
        return validation is null ? Fit(rows, changed) : Create(changed).Fit(Load(rows), Load(validation));
    }

    /// <summary>The answer of each row.</summary>
    public TAnswer[] Forecast(ITransformer model, IEnumerable<TRow> rows) => Answers(model.Transform(Load(rows)));

    public TAnswer[] Answers(IDataView view) => [.. Context.Data.CreateEnumerable<TAnswer>(view, false, ignoreMissingColumns: true)];

    /// <summary>The model as another process reads it from a file.</summary>
    public ITransformer Reload(ITransformer model, IEnumerable<TRow> rows)
    {
        using var file = new MemoryStream();
        Context.Model.Save(model, Load(rows).Schema, file);
        file.Position = 0;
        return new MLContext().Model.Load(file, out _);
    }
}
