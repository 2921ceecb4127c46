using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Collects rows for a graph that carries states along each series: the rows of a series are its steps, in the order of the data, and the first begins with
/// zeros. A row with a number that is NaN or infinite has no answer, and changes no state. For one cursor.
/// </summary>
internal sealed class CarriedCollector : IExampleCollector
{
    private readonly IExampleCollector _rows;
    private readonly Func<int>? _series;
    private readonly List<CarriedState> _states = [];
    private readonly int _size;

    /// <param name="rows">Collects the rows.</param>
    /// <param name="row">The row of the cursor.</param>
    /// <param name="manifest">The model's columns.</param>
    public CarriedCollector(IExampleCollector rows, DataViewRow row, ModelManifest manifest)
    {
        (_rows, _size) = (rows, manifest.StateSize);
        _series = SeriesReader.Open(row, manifest.StateSeries!.Value, new());
    }

    public bool Collect(ScoringBatch batch)
    {
        var series = _series?.Invoke() ?? 0;
        if (!_rows.Collect(batch)) return false;
        var example = batch.Rows - 1;
        if (!UnansweredRows.HasAnswer(batch, example))
        {
            batch.RemoveLast();
            return false;
        }
        while (_states.Count <= series) _states.Add(new(_size));
        var state = _states[series];
        batch.Carry(example, state, state.IsNew ? CarriedStep.First : CarriedStep.Next);
        state.IsNew = false;
        return true;
    }
}
