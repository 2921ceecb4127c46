using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// What a forecaster learns of each step: the parameters that the network gives, their map into their domain, the loss, and what forecasts, bounds and draws
/// make of them (as GluonTS' DistributionOutput). Formulas are written once, over an arithmetic of tensors, numbers or nodes of a graph. A new likelihood is
/// one such class and its line in <see cref="LikelihoodFactory"/>.
/// </summary>
internal abstract class Likelihood
{
    /// <summary>The name, which files keep.</summary>
    public abstract string Name { get; }

    /// <summary>Parameters of each number that is forecast.</summary>
    public abstract int ParametersPerStep { get; }

    /// <summary>The parameters that say where the distribution lies: a linear path is added to them. A count of 0 where the location is no sum.</summary>
    public virtual (int First, int Count) LocationParameters => (0, 1);

    /// <summary>The parameter from which <see cref="Forecast{T}"/> makes the forecast.</summary>
    public virtual int ForecastParameter => LocationParameters.First;

    /// <summary>
    /// Whether the parameters are those of a whole distribution, which has a standard deviation and whose draws can be fed into the next step.
    /// </summary>
    public virtual bool IsDistribution => false;

    /// <summary>Whether quantiles and samples come from the residuals that calibrate the bounds, so that they need bounds.</summary>
    public virtual bool DrawsFromResiduals => false;

    /// <summary>Whether the bounds of other levels follow from those of one by stretching them.</summary>
    public virtual bool BoundsStretch => true;

    /// <summary>Whether forecasts may be drawn toward the naive one by the weights of <see cref="LocationParameters"/>.</summary>
    public virtual bool ShrinksTowardNaive => false;

    /// <summary>
    /// Whether forecasts are in the data's own unit and never below 0: no level, season or logarithm is taken out. The parameters are then those of the target
    /// in a unit of its window, one plus its mean.
    /// </summary>
    public virtual bool IsInDataUnit => false;

    /// <summary>The numbers that targets have to be; null where any will do.</summary>
    public virtual TargetDomain? Domain => null;

    /// <summary>The mean loss, weighted by rows, as a scalar on the tape.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="values">What the network gives, [rows, parameters x n].</param>
    /// <param name="targets">[rows, n], in the same space; NaN where missing.</param>
    /// <param name="weights">[rows], or null.</param>
    /// <param name="units">[rows, n] where <see cref="IsInDataUnit"/>, else null.</param>
    public abstract Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights = null, Tensor? units = null);

    /// <summary>Forecasts, and what their bounds are measured from and in.</summary>
    /// <param name="on">The arithmetic.</param>
    /// <param name="parameters">What the network gives.</param>
    /// <param name="unit">The target's unit where <see cref="IsInDataUnit"/>; else null.</param>
    public abstract DecodedForecast<T> Decode<T>(IArithmetic<T> on, IStepParameters<T> parameters, T? unit)
        where T : class;

    /// <summary>The standard deviation of a distribution.</summary>
    /// <param name="on">The arithmetic.</param>
    /// <param name="parameters">What the network gives.</param>
    /// <param name="scale">The decoded <see cref="DecodedForecast{T}.Scale"/>.</param>
    public virtual T Deviation<T>(IArithmetic<T> on, IStepParameters<T> parameters, T scale) => scale;

    /// <summary>The forecast from the <see cref="ForecastParameter"/>.</summary>
    public virtual T Forecast<T>(IArithmetic<T> on, T parameter, T unit) => parameter;

    /// <summary>
    /// As <see cref="Forecast{T}"/> in single precision, with the slope by which training goes back through a forecast that was fed into the next step.
    /// </summary>
    public virtual float Forecast(float parameter, float unit, out float slope)
    {
        slope = 1;
        return parameter;
    }

    /// <summary>The value of a distribution at a normal score: that below which the same share lies.</summary>
    /// <param name="on">The arithmetic.</param>
    /// <param name="parameters">What the network gives.</param>
    /// <param name="unit">The target's unit where <see cref="IsInDataUnit"/>; else not looked at.</param>
    /// <param name="score">The normal score.</param>
    public virtual T Quantile<T>(IQuantileArithmetic<T> on, IStepParameters<T> parameters, T unit, T score) =>
        throw new InvalidOperationException($"The likelihood {Name} is no whole distribution, from which something could be drawn.");

    public sealed override string ToString() => Name;
}
