using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns to forecast the next steps of series by a recurrent network, all steps of the horizon at once or one after the other
/// (<see cref="Options.Strategy"/>).
/// </summary>
/// <remarks>
/// <para>Rows that are series: the input column is <c>Single</c> (or <c>Vector&lt;Single, k&gt;</c>: k targets forecast together), one row a time step.
/// Training sorts each series by the time column. The transformer answers every row from the rows up to it of its own series.</para>
/// <para>Rows that hold windows: with <see cref="Options.LabelColumnName"/>, the input column is <c>Vector&lt;Single, windowSize&gt;</c> (or <c>&lt;Single,
/// windowSize, k&gt;</c>) and the label <c>Vector&lt;Single, horizon&gt;</c>, the steps that follow (for m targets, the window's first m numbers a step,
/// horizon x m numbers step by step). Then rows are independent of one another, so that PredictionEngine and cross-validation hold; covariates are vectors of
/// their own. <c>mlContext.Data.CreateWindows</c> makes such rows.</para>
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
            SeriesInput.Check(schema, _options.InputColumnName, SeriesRole.Target);
            foreach (var name in _options.PastCovariateColumnNames) SeriesInput.Check(schema, name, SeriesRole.Past);
            foreach (var name in _options.FutureCovariateColumnNames) SeriesInput.Check(schema, name, SeriesRole.Future);
            foreach (var name in _options.StaticColumnNames) SeriesInput.Check(schema, name, SeriesRole.Static);
            foreach (var name in _options.SeriesKey()) SeriesReader.Check(schema, name);
            if (_options.TimeColumnName is { } time) TimeReader.Check(schema, time);
        }
        return _options.OutputColumns().Select(name => name == _options.SamplesColumnName ? ColumnShapes.Samples(name) : ColumnShapes.Forecast(name));
    }

    private protected override NetworkFit CreateFit() => new ForecastFit(_options);

    private protected override RecurrentForecastingTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
