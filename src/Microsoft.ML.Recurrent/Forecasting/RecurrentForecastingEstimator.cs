using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent network to forecast the next steps of series, all steps of the horizon at once or step by step (<see cref="DecodingOptions.Strategy"/>).
/// </summary>
/// <remarks>
/// <para>Series data: the input column is <c>Single</c> (or <c>Vector&lt;Single, k&gt;</c> for k targets), one row per time step. Training sorts each series by
/// the time column. The transformer forecasts at every row from the rows of its series up to it.</para>
/// <para>Window data: with <see cref="WindowInputOptions.LabelColumnName"/>, the input column is <c>Vector&lt;Single, windowSize&gt;</c> (or <c>&lt;Single,
/// windowSize, k&gt;</c>) and the label <c>Vector&lt;Single, horizon&gt;</c>, the next steps (for m targets, the first m numbers per step of the window:
/// horizon x m numbers, step by step). Rows are then independent, as PredictionEngine and cross-validation require; covariates are separate vectors.
/// <c>mlContext.Data.CreateWindows</c> creates such rows.</para>
/// </remarks>
public sealed partial class RecurrentForecastingEstimator : RecurrentTrainer<RecurrentForecastingTransformer>
{
    private readonly Options _options;

    internal RecurrentForecastingEstimator(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentForecastingEstimator), options) => _options = (Options)CheckedOptions;

    private protected override IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema)
    {
        if (_options.RowsHoldWindows) _options.WindowColumns().Check(schema);
        else
        {
            SeriesInput.Check(schema, _options.Input.InputColumnName, SeriesRole.Target);
            foreach (var name in _options.Input.PastCovariateColumnNames) SeriesInput.Check(schema, name, SeriesRole.Past);
            foreach (var name in _options.Input.FutureCovariateColumnNames) SeriesInput.Check(schema, name, SeriesRole.Future);
            foreach (var name in _options.Input.StaticColumnNames) SeriesInput.Check(schema, name, SeriesRole.Static);
            foreach (var name in _options.Input.SeriesKey) SeriesReader.Check(schema, name);
            if (_options.Series.TimeColumnName is { } time) TimeReader.Check(schema, time);
        }
        return _options.Output.Columns().Select(name => name == _options.Output.SamplesColumnName ? ColumnShapes.Samples(name) : ColumnShapes.Forecast(name));
    }

    private protected override NetworkFit CreateFit(RecurrentTrainerOptions options) => new ForecastFit((Options)options);

    private protected override RecurrentForecastingTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
