using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Collects rows of windows, one by one. If missing values are masked, a window without any target has no output; otherwise missing values pass through the
/// graph and give NaN.
/// </summary>
internal sealed class WindowCollector : IExampleCollector
{
    private readonly WindowLayout _layout;
    private readonly WindowColumnReader[] _readers;
    private readonly bool _allowsMissing;
    private readonly WindowFiller _filler;
    private readonly float[] _finite;

    /// <summary>Opens the input columns of a row whose schema has passed <see cref="Check"/>.</summary>
    public WindowCollector(DataViewRow row, ModelManifest manifest)
    {
        _layout = WindowLayout.Create(manifest);
        _readers = _layout.Open(row);
        _allowsMissing = manifest.Forecast!.AllowsMissing;
        _filler = new(_layout, manifest.Inputs);
        _finite = new float[_layout.All.Max(column => column.Length)];
    }

    public bool Collect(ScoringBatch batch)
    {
        var first = Finite(_readers[0].Read());
        if (_allowsMissing && !_layout.HasTarget(first, _layout.All[0].Input.Size)) return false;
        var example = batch.Add(_layout.WindowSize);
        for (var i = 0; i < _readers.Length; i++)
        {
            var values = i == 0 ? first : Finite(_readers[i].Read());
            if (_layout.All[i].Input.Origins.IsEmpty) _filler.Fill(batch, example, i, values);
            else _filler.Fill(batch, example, i, values, _readers[i].Rests());
        }
        return true;
    }

    /// <summary>Checks that a schema has the input columns of the model, and returns them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static IEnumerable<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema) => WindowLayout.Create(manifest).Find(schema);

    // Infinite values count as missing if missing values are masked.
    private ReadOnlySpan<float> Finite(ReadOnlySpan<float> values)
    {
        if (!_allowsMissing) return values;
        values.CopyTo(_finite);
        FiniteNumbers.LeaveOutInfinite(_finite.AsSpan(0, values.Length));
        return _finite.AsSpan(0, values.Length);
    }
}
