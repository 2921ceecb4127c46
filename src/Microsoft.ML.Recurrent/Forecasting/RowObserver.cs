using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Observes single rows of a class, transformed by the pipeline before the forecaster. Not thread-safe.</summary>
internal sealed class RowObserver<TRow>
    where TRow : class
{
    private readonly DataViewConstructionUtils.InputRow<TRow> _input;
    private readonly SeriesObserver _observer;

    public RowObserver(IHostEnvironment environment, ITransformer[] before, ModelManifest manifest, SeriesState state, DuplicateTimes duplicates,
        TimeJumpLimit limit)
    {
        _input = DataViewConstructionUtils.CreateInputRow<TRow>(environment);
        DataViewRow row = _input;
        foreach (var transformer in before)
        {
            var mapper = transformer.GetRowToRowMapper(row.Schema);
            row = mapper.GetRow(row, mapper.OutputSchema);
        }
        SeriesCollector.Check(manifest, row.Schema);
        _observer = new(new GivenRow(row), manifest, state, duplicates, limit);
    }

    /// <inheritdoc cref="SeriesObserver.HasAmbiguous"/>
    public bool HasAmbiguous => _observer.HasAmbiguous;

    public void Observe(TRow row)
    {
        _input.ExtractValues(row);
        _observer.Observe();
    }
}
