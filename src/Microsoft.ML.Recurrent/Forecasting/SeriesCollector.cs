using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Makes windows from rows that are series, looking only back but for columns that are known ahead. A row has no answer before its series has a whole window of rows without NaN, nor
/// where what is known ahead of its horizon is not there. One collector belongs to one cursor.
/// </summary>
internal sealed class SeriesCollector(DataViewRow row, ModelManifest manifest, FutureRows? ahead = null) : IExampleCollector
{
    private readonly SeriesObserver _observer = new(row, manifest, new SeriesState(manifest));

    public bool Collect(ScoringBatch batch)
    {
        var history = _observer.Observe();
        if (!history.IsReady) return false;
        ReadOnlySpan<float> future = default;
        if (ahead is not null && !ahead.TryGet(_observer.Series, history.Count, manifest.Forecast!.Horizon, out future)) return false;
        Fill(batch, history, future);
        return true;
    }

    /// <summary>Adds a history's window to a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="history">The series so far.</param>
    /// <param name="future">What is known ahead, step by step with all columns' numbers side by side.</param>
    public static int Fill(ScoringBatch batch, SeriesHistory history, ReadOnlySpan<float> future = default)
    {
        var inputs = batch.Manifest.Inputs;
        var example = batch.Add(batch.Manifest.Forecast!.WindowSize);
        int channels = 0, statics = 0, ahead = 0;
        var width = inputs.Sum(input => input.Kind is InputKind.Future ? input.Features : 0);
        for (var i = 0; i < inputs.Length; i++)
        {
            var size = inputs[i].Features;
            if (inputs[i].Kind is InputKind.Sequence)
            {
                history.CopyTo(batch.Values(example, i), channels, size);
                channels += size;
            }
            else if (inputs[i].Kind is InputKind.Future)
            {
                var values = batch.Values(example, i);
                for (var step = 0; step < inputs[i].Time; step++) future.Slice(step * width + ahead, size).CopyTo(values[(step * size)..]);
                ahead += size;
            }
            else
            {
                history.Statics.Slice(statics, size).CopyTo(batch.Values(example, i));
                statics += size;
            }
        }
        return example;
    }

    /// <summary>Checks that a schema has the columns that the model was trained on, and returns them.</summary>
    public static IEnumerable<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema)
    {
        var columns = new List<DataViewSchema.Column>();
        foreach (var input in manifest.Inputs.DistinctBy(input => input.Column))
        {
            var role = input.Kind is InputKind.Static ? "static" : "input";
            var (column, size) = Columns.Numbers(schema, input.Column, role);
            if (size != input.Features) throw ColumnErrors.Mismatch(role, input.Column, input.Features == 1 ? "Single, as in training" : $"Vector<Single, {input.Features}>, as in training", column.Type.ToString()!);
            columns.Add(column);
        }
        if (manifest.Forecast!.SeriesColumn is { } series) columns.Add(SeriesReader.Resolve(schema, series));
        if (manifest.Forecast.TimeColumn is { } time) columns.Add(TimeReader.Resolve(schema, time));
        return columns;
    }
}
