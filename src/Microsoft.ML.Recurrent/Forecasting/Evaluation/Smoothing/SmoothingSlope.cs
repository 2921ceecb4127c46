using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// The gradient of the criterion and its Gauss-Newton curvature for all parameters at once, by forward differentiation of the recursion. For one-step errors
/// this curvature is the expected one. Memory is a block of steps plus the square of the number of parameters, whatever the length of the series.
/// </summary>
internal sealed class SmoothingSlope
{
    private const int Block = 64;
    private static readonly int s_width = Vector<double>.Count;

    private readonly SmoothingLayout _layout;
    private readonly double[] _season, _state;
    // Derivatives with respect to the parameters, padded to whole vectors: of level, slope and each seasonal state.
    private readonly double[] _levels, _slopes, _seasons;
    // The direct contribution of a step's errors to the derivatives with respect to the weights. The weights come first, so it is zero after a vector or two.
    private readonly double[] _levelWeights, _slopeWeights, _seasonWeights, _damping;
    // One row per step: the derivatives of the error, the error, and the forecast's share in its mean logarithm. Only the sums of their products are needed.
    private readonly double[] _rows, _products;
    private readonly int _padded, _head;

    public SmoothingSlope(SmoothingLayout layout)
    {
        _layout = layout;
        (_season, _state) = (new double[layout.Period], new double[layout.Period]);
        var tile = 2 * s_width;
        _padded = (layout.Count + 2 + tile - 1) / tile * tile;
        _head = (4 + s_width - 1) / s_width * s_width;
        (_levels, _slopes, _seasons) = (new double[_padded], new double[_padded], new double[layout.Period * _padded]);
        (_levelWeights, _slopeWeights, _seasonWeights, _damping) = (new double[_padded], new double[_padded], new double[_padded], new double[_padded]);
        (_rows, _products) = (new double[Block * _padded], new double[_padded * _padded]);
    }

    /// <summary>Half the gradient and half the curvature of the criterion at a vector with a finite criterion.</summary>
    /// <param name="vector">The parameters.</param>
    /// <param name="series">The series.</param>
    /// <param name="gradient">Receives the gradient.</param>
    /// <param name="curvature">Receives the curvature, row by row, both triangles.</param>
    public void Compute(ReadOnlySpan<double> vector, ReadOnlySpan<double> series, Span<double> gradient, Span<double> curvature)
    {
        var count = _layout.Count;
        Sum(vector, series);
        var (error, share) = (count, count + 1);
        var squares = Product(error, error);
        for (var i = 0; i < count; i++)
        {
            // The derivative of the mean logarithm, and the products of the errors' derivatives with the errors.
            var (mean, along) = (Product(share, i) / series.Length, Product(error, i) / squares);
            gradient[i] = mean - along;
            for (var j = 0; j <= i; j++)
            {
                var (otherMean, otherAlong) = (Product(share, j) / series.Length, Product(error, j) / squares);
                curvature[i * count + j] = curvature[j * count + i] = mean * otherMean - mean * otherAlong - along * otherMean + Product(i, j) / squares;
            }
        }
    }

    // Tiles above the diagonal are not summed.
    private double Product(int i, int j) => _products[Math.Max(i, j) * _padded + Math.Min(i, j)];

    private void Sum(ReadOnlySpan<double> vector, ReadOnlySpan<double> series)
    {
        var parameters = _layout.Read(vector, _season);
        Begin(vector, parameters);
        var state = new SmoothingState(parameters, _state);
        var (relative, factors) = (_layout.Form.Error is SmoothingComponent.Multiplicative, _layout.Form.Season is SmoothingComponent.Multiplicative);
        for (var start = 0; start < series.Length; start += Block)
        {
            var part = series.Slice(start, Math.Min(Block, series.Length - start));
            for (var i = 0; i < part.Length; i++) Step(parameters, ref state, part[i], relative, factors, _rows.AsSpan(i * _padded, _padded));
            Multiply(part.Length);
        }
    }

    private void Begin(ReadOnlySpan<double> vector, in SmoothingParameters parameters)
    {
        foreach (var array in (double[][])[_levels, _slopes, _seasons, _levelWeights, _slopeWeights, _seasonWeights, _damping, _products]) Array.Clear(array);
        _levels[_layout.Level] = 1;
        _levelWeights[_layout.Alpha] = 1;
        if (_layout.Form.HasTrend)
        {
            _slopes[_layout.Slope] = 1;
            _slopeWeights[_layout.Alpha] = vector[_layout.Beta];
            _slopeWeights[_layout.Beta] = parameters.Alpha - SmoothingLayout.MinimumWeight;
        }
        if (_layout.Form.IsDamped) _damping[_layout.Phi] = 1;
        if (!_layout.Form.HasSeason) return;
        _seasonWeights[_layout.Alpha] = -vector[_layout.Gamma];
        _seasonWeights[_layout.Gamma] = SmoothingLayout.MostWeight - parameters.Alpha;
        for (var place = 0; place < _layout.Period - 1; place++)
        {
            _seasons[place * _padded + _layout.Season + place] = 1;
            _seasons[(_layout.Period - 1) * _padded + _layout.Season + place] = -1;
        }
    }

    private void Step(in SmoothingParameters parameters, ref SmoothingState state, double value, bool relative, bool factors, Span<double> row)
    {
        var (slope, place) = (state.Slope, state.Place);
        var growth = parameters.Phi * slope;
        var (before, season) = (state.Level + growth, state.Season[place]);
        var forecast = factors ? before * season : before + season;
        var error = value - forecast;
        // The updates of level and slope, and of the season; then the derivatives of forecast and updates with respect to (before, season).
        var (move, turn) = factors ? (error / season, error / before) : (error, error);
        var (forecastByBefore, forecastBySeason) = factors ? (season, before) : (1.0, 1.0);
        var (moveBySeason, turnByBefore) = factors ? ((before + move) / season, (season + turn) / before) : (1.0, 1.0);

        state.Level = before + parameters.Alpha * move;
        state.Slope = growth + parameters.Beta * move;
        state.Season[place] = season + parameters.Gamma * turn;
        if (++state.Place == state.Season.Length) state.Place = 0;

        var scale = relative ? value / (forecast * forecast) : 1;
        var step = new Coefficients(parameters, scale * forecastByBefore, scale * forecastBySeason, moveBySeason, turnByBefore);
        ref var levels = ref MemoryMarshal.GetArrayDataReference(_levels);
        ref var slopes = ref MemoryMarshal.GetArrayDataReference(_slopes);
        ref var seasons = ref _seasons[place * _padded];
        ref var rows = ref MemoryMarshal.GetReference(row);
        for (var i = 0; i < _head; i += s_width)
        {
            var direct = new Vector<double>(_damping, i) * slope;
            Advance(step, ref Unsafe.Add(ref levels, i), ref Unsafe.Add(ref slopes, i), ref Unsafe.Add(ref seasons, i), ref Unsafe.Add(ref rows, i), direct);
            (Vector.LoadUnsafe(ref levels, (nuint)i) + new Vector<double>(_levelWeights, i) * move).StoreUnsafe(ref levels, (nuint)i);
            (Vector.LoadUnsafe(ref slopes, (nuint)i) + new Vector<double>(_slopeWeights, i) * move).StoreUnsafe(ref slopes, (nuint)i);
            (Vector.LoadUnsafe(ref seasons, (nuint)i) + new Vector<double>(_seasonWeights, i) * turn).StoreUnsafe(ref seasons, (nuint)i);
        }
        for (var i = _head; i < _padded; i += s_width)
            Advance(step, ref Unsafe.Add(ref levels, i), ref Unsafe.Add(ref slopes, i), ref Unsafe.Add(ref seasons, i), ref Unsafe.Add(ref rows, i), default);

        row[_layout.Count] = relative ? error / forecast : error;
        row[_layout.Count + 1] = relative ? forecast / value : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance(in Coefficients step, ref double levels, ref double slopes, ref double seasons, ref double row, Vector<double> direct)
    {
        var (level, slope, season) = (Vector.LoadUnsafe(ref levels), Vector.LoadUnsafe(ref slopes), Vector.LoadUnsafe(ref seasons));
        var growth = Vector.MultiplyAddEstimate(step.Phi, slope, direct);
        var before = level + growth;
        var move = Vector.MultiplyAddEstimate(step.MoveBySeason, season, before);
        var turn = Vector.MultiplyAddEstimate(step.TurnByBefore, before, season);
        Vector.MultiplyAddEstimate(step.ForecastByBefore, before, step.ForecastBySeason * season).StoreUnsafe(ref row);
        // The derivatives of the updates have the opposite sign.
        Vector.MultiplyAddEstimate(step.Alpha, move, before).StoreUnsafe(ref levels);
        Vector.MultiplyAddEstimate(step.Beta, move, growth).StoreUnsafe(ref slopes);
        Vector.MultiplyAddEstimate(step.Gamma, turn, season).StoreUnsafe(ref seasons);
    }

    /// <summary>Adds the products of all pairs of columns over the rows of a block, below the diagonal.</summary>
    private void Multiply(int rows)
    {
        ref var data = ref MemoryMarshal.GetArrayDataReference(_rows);
        ref var products = ref MemoryMarshal.GetArrayDataReference(_products);
        for (var i = 0; i < _padded; i += 4)
        {
            for (var j = 0; j <= i + 3; j += 2 * s_width)
            {
                Vector<double> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
                ref var row = ref data;
                for (var r = 0; r < rows; r++)
                {
                    ref var right = ref Unsafe.Add(ref row, j);
                    ref var left = ref Unsafe.Add(ref row, i);
                    var (x, y) = (Vector.LoadUnsafe(ref right), Vector.LoadUnsafe(ref right, (nuint)s_width));
                    var factor = new Vector<double>(left);
                    (a0, a1) = (Vector.MultiplyAddEstimate(factor, x, a0), Vector.MultiplyAddEstimate(factor, y, a1));
                    factor = new Vector<double>(Unsafe.Add(ref left, 1));
                    (b0, b1) = (Vector.MultiplyAddEstimate(factor, x, b0), Vector.MultiplyAddEstimate(factor, y, b1));
                    factor = new Vector<double>(Unsafe.Add(ref left, 2));
                    (c0, c1) = (Vector.MultiplyAddEstimate(factor, x, c0), Vector.MultiplyAddEstimate(factor, y, c1));
                    factor = new Vector<double>(Unsafe.Add(ref left, 3));
                    (d0, d1) = (Vector.MultiplyAddEstimate(factor, x, d0), Vector.MultiplyAddEstimate(factor, y, d1));
                    row = ref Unsafe.Add(ref row, _padded);
                }
                Add(ref Unsafe.Add(ref products, i * _padded + j), a0, a1);
                Add(ref Unsafe.Add(ref products, (i + 1) * _padded + j), b0, b1);
                Add(ref Unsafe.Add(ref products, (i + 2) * _padded + j), c0, c1);
                Add(ref Unsafe.Add(ref products, (i + 3) * _padded + j), d0, d1);
            }
        }

        static void Add(ref double sum, Vector<double> first, Vector<double> second)
        {
            (Vector.LoadUnsafe(ref sum) + first).StoreUnsafe(ref sum);
            (Vector.LoadUnsafe(ref sum, (nuint)s_width) + second).StoreUnsafe(ref sum, (nuint)s_width);
        }
    }

    /// <summary>The factors of a step as vectors; those of updates are negated.</summary>
    private readonly ref struct Coefficients(in SmoothingParameters parameters, double forecastByBefore, double forecastBySeason, double moveBySeason,
        double turnByBefore)
    {
        public readonly Vector<double> Phi = new(parameters.Phi), Alpha = new(-parameters.Alpha), Beta = new(-parameters.Beta), Gamma = new(-parameters.Gamma);
        public readonly Vector<double> ForecastByBefore = new(forecastByBefore), ForecastBySeason = new(forecastBySeason), MoveBySeason = new(moveBySeason),
            TurnByBefore = new(turnByBefore);
    }
}
