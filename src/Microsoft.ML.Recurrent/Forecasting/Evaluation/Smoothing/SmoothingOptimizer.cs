namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// Maximizes the likelihood within bounds: Levenberg-Marquardt on the one-step errors (multiplicative errors are scaled by the geometric mean of the
/// forecasts). It takes ten to twenty steps; Nelder-Mead with thirty parameters takes thousands of passes.
/// </summary>
internal sealed class SmoothingOptimizer
{
    private const int MaximumSteps = 30;
    // A search that cannot win is given up when it is above the ceiling by more than this many times the gain of its last step.
    private const double HopefulGains = 100;
    private const double Tolerance = 1e-6, FirstDamping = 1e-3, MinimumDamping = 1e-9, MostDamping = 1e9;

    private readonly SmoothingLayout _layout;
    private readonly SmoothingSlope _slope;
    private readonly double[] _series, _season, _state, _gradient, _curvature, _system, _step, _trial;
    private readonly bool[] _isHeld;
    private readonly double _floor;

    /// <param name="layout">The parameters of the form.</param>
    /// <param name="series">The series.</param>
    /// <param name="floor">A criterion below which errors are only rounding: the search ends there.</param>
    public SmoothingOptimizer(SmoothingLayout layout, double[] series, double floor)
    {
        (_layout, _series, _slope, _floor) = (layout, series, new(layout), floor);
        (_season, _state) = (new double[layout.Period], new double[layout.Period]);
        (_gradient, _step, _trial, _isHeld) = (new double[layout.Count], new double[layout.Count], new double[layout.Count], new bool[layout.Count]);
        (_curvature, _system) = (new double[layout.Count * layout.Count], new double[layout.Count * layout.Count]);
    }

    /// <summary>Moves a vector to a local minimum of the criterion of <see cref="SmoothingRecursion.Run"/>.</summary>
    /// <param name="vector">The starting point; receives the result.</param>
    /// <param name="maximumSteps">The most steps.</param>
    /// <param name="ceiling">A criterion that the result has to be below to be of use: the search ends early where it will not come there.</param>
    /// <returns>The criterion at the result; infinite if undefined at the start.</returns>
    public double Minimize(Span<double> vector, int maximumSteps = MaximumSteps, double ceiling = double.PositiveInfinity)
    {
        var (criterion, damping) = (Criterion(vector), FirstDamping);
        for (var step = 0; step < maximumSteps && criterion > _floor && double.IsFinite(criterion); step++)
        {
            _slope.Compute(vector, _series, _gradient, _curvature);
            var before = criterion;
            while (true)
            {
                var trial = Solve(vector, damping) ? Criterion(_trial) : double.PositiveInfinity;
                if (trial < criterion)
                {
                    criterion = trial;
                    _trial.CopyTo(vector);
                    break;
                }
                damping *= 4;
                if (damping > MostDamping) return criterion;
            }
            if (before - criterion < Tolerance && damping <= FirstDamping || criterion - HopefulGains * (before - criterion) > ceiling) break;
            damping = Math.Max(damping / 5, MinimumDamping);
        }
        return criterion;
    }

    /// <summary>Infinite for unstable parameters, and for nonpositive forecasts where they must be positive.</summary>
    private double Criterion(ReadOnlySpan<double> vector)
    {
        var parameters = _layout.Read(vector, _season);
        if (!SmoothingStability.IsStable(_layout.Form, parameters)) return double.PositiveInfinity;
        var state = new SmoothingState(parameters, _state);
        return SmoothingRecursion.Run(_layout.Form, parameters, _series, ref state, out var criterion) ? criterion : double.PositiveInfinity;
    }

    /// <summary>
    /// The next trial: the damped Gauss-Newton step of the free parameters. A parameter that would pass its bound is fixed there, and the others are solved
    /// again.
    /// </summary>
    private bool Solve(ReadOnlySpan<double> vector, double damping)
    {
        var count = _layout.Count;
        for (var i = 0; i < count; i++)
        {
            _step[i] = 0;
            _isHeld[i] = vector[i] <= _layout.Lower[i] && _gradient[i] > 0 || vector[i] >= _layout.Upper[i] && _gradient[i] < 0;
        }
        for (var round = 0; round <= count; round++)
        {
            if (!SolveFree(damping)) return false;
            var passed = false;
            for (var i = 0; i < count; i++)
            {
                if (_isHeld[i] || vector[i] + _step[i] is var moved && moved >= _layout.Lower[i] && moved <= _layout.Upper[i]) continue;
                _step[i] = (moved < _layout.Lower[i] ? _layout.Lower[i] : _layout.Upper[i]) - vector[i];
                _isHeld[i] = passed = true;
            }
            if (!passed) break;
        }
        for (var i = 0; i < count; i++) _trial[i] = Math.Clamp(vector[i] + _step[i], _layout.Lower[i], _layout.Upper[i]);
        return true;
    }

    /// <summary>Solves for the steps of the free parameters, given those of the fixed ones, by Cholesky factorization.</summary>
    private bool SolveFree(double damping)
    {
        var count = _layout.Count;
        for (var i = 0; i < count; i++)
        {
            if (_isHeld[i]) continue;
            var side = -_gradient[i];
            for (var j = 0; j < count; j++)
            {
                if (_isHeld[j]) side -= _curvature[i * count + j] * _step[j];
            }
            for (var j = 0; j < i; j++)
            {
                if (_isHeld[j]) continue;
                var sum = _curvature[i * count + j];
                for (var k = 0; k < j; k++)
                {
                    if (!_isHeld[k]) sum -= _system[i * count + k] * _system[j * count + k];
                }
                _system[i * count + j] = sum / _system[j * count + j];
            }
            var diagonal = _curvature[i * count + i] * (1 + damping) + double.Epsilon;
            for (var k = 0; k < i; k++)
            {
                if (_isHeld[k]) continue;
                diagonal -= _system[i * count + k] * _system[i * count + k];
                side -= _system[i * count + k] * _step[k];
            }
            if (!(diagonal > 0)) return false;
            _system[i * count + i] = Math.Sqrt(diagonal);
            _step[i] = side / _system[i * count + i];
        }
        for (var i = count - 1; i >= 0; i--)
        {
            if (_isHeld[i]) continue;
            for (var k = i + 1; k < count; k++)
            {
                if (!_isHeld[k]) _step[i] -= _system[k * count + i] * _step[k];
            }
            _step[i] /= _system[i * count + i];
        }
        return true;
    }
}
