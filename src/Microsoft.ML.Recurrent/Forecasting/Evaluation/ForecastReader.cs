using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The output columns of a forecaster, and their layout in one array: forecasts, bounds, then the distribution.</summary>
internal sealed class ForecastReader
{
    private readonly BackTestOptions _options;
    private readonly double[] _levels;
    private readonly int _size;

    public ForecastReader(BackTestOptions options, int targets)
    {
        (_options, _size, Targets) = (options, checked(options.Horizon * targets), targets);
        _levels = [.. options.QuantileColumnNames.Keys.Order()];
    }

    public int Targets { get; }

    public bool HasBounds => _options.LowerBoundColumnName is not null;

    public bool HasDistribution => _levels.Length > 0 || _options.StandardDeviationColumnName is not null || _options.SamplesColumnName is not null;

    /// <summary>Checks before any fit that the estimator declares the columns.</summary>
    public void Check(SchemaShape schema)
    {
        foreach (var name in Names())
        {
            var column = Columns.Find(schema, name, "forecast");
            if (column.IsKey || column.ItemType != NumberDataViewType.Single && column.ItemType != NumberDataViewType.Double)
                throw ColumnErrors.Mismatch("forecast", name, Expected, ColumnErrors.Describe(column));
        }
    }

    /// <summary>
    /// Reads the forecasts of some rows; <paramref name="wanted"/> is sorted by source row, and <paramref name="store"/> gets a new array for each.
    /// </summary>
    public void Read(OriginScoring transformer, RowSubsetView rows, IReadOnlyList<(int SourceRow, int Pair)> wanted, Action<int, double[]> store,
        CancellationToken cancellationToken)
    {
        var answers = transformer.Transform(rows, rows.Select(wanted.Select(one => one.SourceRow)));
        var columns = Names().Select(name => Resolve(answers.Schema, name)).ToArray();
        using var cursor = answers.GetRowCursor(columns.Select(column => column.Column));
        var readers = columns.Select(column => NumberReader.Create(cursor, column.Column, column.Size)).ToArray();
        var (next, source) = (0, -1);
        while (next < wanted.Count && cursor.MoveNext())
        {
            source = rows.Next(source);
            cancellationToken.ThrowIfCancellationRequested();
            if (source != wanted[next].SourceRow) continue;
            var answer = new double[columns.Sum(column => column.Size)];
            var offset = 0;
            foreach (var reader in readers) offset += reader.Read(answer.AsSpan(offset));
            for (; next < wanted.Count && wanted[next].SourceRow == source; next++) store(wanted[next].Pair, answer);
        }
        if (next < wanted.Count)
            throw new InvalidOperationException(
                $"The transformer returned {source + 1} rows, without row {wanted[next].SourceRow}: a forecaster must return all rows, in their "
                    + $"order.");
    }

    /// <summary>Whether all steps and targets have a forecast.</summary>
    public bool IsAnswer(double[] answer)
    {
        foreach (var value in answer.AsSpan(0, _size))
        {
            if (double.IsNaN(value)) return false;
        }
        return true;
    }

    public double[] Forecast(double[] answer, int target) => Part(answer, 0, target);

    public double[] Lower(double[] answer, int target) => HasBounds ? Part(answer, 1, target) : [];

    public double[] Upper(double[] answer, int target) => HasBounds ? Part(answer, 2, target) : [];

    /// <summary>The distribution by step; null for none.</summary>
    public Func<int, ForecastDistribution>? Distribution(double[] answer, int target)
    {
        if (!HasDistribution) return null;
        var start = _size * (HasBounds ? 3 : 1);
        if (_options.SamplesColumnName is not null)
        {
            var samples = (answer.Length - start) / _size;
            return step => ForecastDistribution.FromSamples(answer.AsSpan(start + Place(step, target) * samples, samples));
        }
        if (_options.StandardDeviationColumnName is not null)
            return step => ForecastDistribution.Gaussian(answer[Place(step, target)], answer[start + Place(step, target)]);
        return step =>
        {
            var values = new double[_levels.Length];
            for (var i = 0; i < values.Length; i++) values[i] = answer[start + i * _size + Place(step, target)];
            return ForecastDistribution.FromQuantiles(_levels, values);
        };
    }

    private string Expected => _size == 1
        ? "Single or Vector<Single, 1>"
        : $"Vector<Single, {_size}> (the option Horizon, {_options.Horizon}{(Targets > 1 ? $", x {Targets} targets" : "")})";

    private int Place(int step, int target) => step * Targets + target;

    private double[] Part(double[] answer, int part, int target)
    {
        var values = new double[_options.Horizon];
        for (var step = 0; step < values.Length; step++) values[step] = answer[part * _size + Place(step, target)];
        return values;
    }

    private IEnumerable<string> Names()
    {
        yield return _options.ForecastColumnName;
        if (HasBounds)
        {
            yield return _options.LowerBoundColumnName!;
            yield return _options.UpperBoundColumnName!;
        }
        foreach (var level in _levels) yield return _options.QuantileColumnNames[level];
        if (_options.StandardDeviationColumnName is { } deviation) yield return deviation;
        if (_options.SamplesColumnName is { } samples) yield return samples;
    }

    private (DataViewSchema.Column Column, int Size) Resolve(DataViewSchema schema, string name)
    {
        var (column, size) = Columns.Numbers(schema, name, "forecast");
        var fits = name == _options.SamplesColumnName ? size % _size == 0 : size == _size;
        return fits ? (column, size) : throw ColumnErrors.Mismatch("forecast", name,
            name == _options.SamplesColumnName ? $"a multiple of {_size} samples (the option Horizon x targets)" : Expected, column.Type.ToString()!);
    }
}
