using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// The distribution or loss of a forecaster: the parameters per step, their map into their domain, the loss, and the forecasts, bounds and samples (like
/// GluonTS' DistributionOutput). Formulas are written once, over an arithmetic of tensors, scalars or graph nodes. A new likelihood is one class here and a
/// line in <see cref="LikelihoodFactory"/>.
/// </summary>
internal abstract class Likelihood
{
    /// <summary>The name, as saved in files.</summary>
    public abstract string Name { get; }

    /// <summary>Parameters per forecast value.</summary>
    public abstract int ParametersPerStep { get; }

    /// <summary>The location parameters, to which a linear skip connection is added. A count of 0 if the location is not additive.</summary>
    public virtual (int First, int Count) LocationParameters => (0, 1);

    /// <summary>The parameter from which <see cref="Forecast{T}"/> computes the forecast.</summary>
    public virtual int ForecastParameter => LocationParameters.First;

    /// <summary>Whether the parameters define a full distribution, which has a standard deviation and whose samples can be fed to the next step.</summary>
    public virtual bool IsDistribution => false;

    /// <summary>Whether quantiles and samples come from the calibration residuals of the bounds, and so need bounds.</summary>
    public virtual bool DrawsFromResiduals => false;

    /// <summary>Whether bounds of other levels are obtained by scaling the bounds of one level.</summary>
    public virtual bool BoundsStretch => true;

    /// <summary>
    /// Whether bounds are quantiles of the distribution whose levels are calibrated: an interval in units of the standard deviation would hold values that
    /// counts far from normal never take. Otherwise their distance from the forecast is calibrated.
    /// </summary>
    public virtual bool CalibratesLevels => false;

    /// <summary>Whether forecasts can be shrunk toward the naive forecast by the weights of <see cref="LocationParameters"/>.</summary>
    public virtual bool ShrinksTowardNaive => false;

    /// <summary>
    /// Whether forecasts are in data units and nonnegative: no level, season or logarithm is removed. The parameters are then relative to a unit of the window:
    /// one plus the mean of the target.
    /// </summary>
    public virtual bool IsInDataUnit => false;

    /// <summary>The valid targets; null if any value is valid.</summary>
    public virtual TargetDomain? Domain => null;

    /// <summary>The mean loss, weighted by rows, as a scalar on the tape.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="values">The network output, [rows, parameters x n].</param>
    /// <param name="targets">[rows, n], in the same space; NaN where missing.</param>
    /// <param name="weights">[rows], or null.</param>
    /// <param name="units">[rows, n] if <see cref="IsInDataUnit"/>, otherwise null.</param>
    public abstract Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights = null, Tensor? units = null);

    /// <summary>The forecast, and the origins and unit of its bounds.</summary>
    /// <param name="on">The arithmetic.</param>
    /// <param name="parameters">The network output.</param>
    /// <param name="unit">The unit of the target if <see cref="IsInDataUnit"/>, otherwise null.</param>
    public abstract DecodedForecast<T> Decode<T>(IArithmetic<T> on, IStepParameters<T> parameters, T? unit)
        where T : class;

    /// <summary>The standard deviation of a distribution.</summary>
    /// <param name="on">The arithmetic.</param>
    /// <param name="parameters">The network output.</param>
    /// <param name="scale">The decoded <see cref="DecodedForecast{T}.Scale"/>.</param>
    public virtual T Deviation<T>(IArithmetic<T> on, IStepParameters<T> parameters, T scale) => scale;

    /// <summary>The forecast from the <see cref="ForecastParameter"/>.</summary>
    public virtual T Forecast<T>(IArithmetic<T> on, T parameter, T unit) => parameter;

    /// <summary>
    /// Like <see cref="Forecast{T}"/>, in single precision, with the derivative for backpropagation through a forecast that was fed to the next step.
    /// </summary>
    public virtual float Forecast(float parameter, float unit, out float slope)
    {
        slope = 1;
        return parameter;
    }

    /// <summary>The quantile of the distribution at a normal score: the value with the same cumulative probability.</summary>
    /// <param name="on">The arithmetic.</param>
    /// <param name="parameters">The network output.</param>
    /// <param name="unit">The unit of the target if <see cref="IsInDataUnit"/>, otherwise ignored.</param>
    /// <param name="score">The normal score.</param>
    public virtual T Quantile<T>(IQuantileArithmetic<T> on, IStepParameters<T> parameters, T unit, T score) =>
        throw new InvalidOperationException($"The likelihood {Name} is not a distribution, so it has no quantiles to sample from.");

    /// <summary>
    /// The normal score of a value where <see cref="CalibratesLevels"/>: that of the cumulative probability in the middle of its step (mid-distribution, Parzen
    /// 2004), so that quantiles at this score lie at the value with a margin on both sides.
    /// </summary>
    /// <param name="parameters">The network output.</param>
    /// <param name="unit">The unit of the target if <see cref="IsInDataUnit"/>, otherwise ignored.</param>
    /// <param name="value">The value.</param>
    public virtual double Score(IStepParameters<double> parameters, double unit, double value) =>
        throw new InvalidOperationException($"The levels of the likelihood {Name} are not calibrated.");

    public sealed override string ToString() => Name;
}
