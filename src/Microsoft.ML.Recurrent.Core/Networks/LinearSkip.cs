using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A linear skip connection from the window to the forecast, as in LSTNet (Lai et al. 2018): the window of each target times a weight [horizon, time] shared by
/// all targets, added to location parameters of the head. With a decoder, whose head has one bias for all steps, it has its own bias [horizon].
/// </summary>
/// <param name="Targets">The number of leading features that are forecast.</param>
/// <param name="First">The first parameter of a step's distribution to add to.</param>
/// <param name="Count">The number of parameters to add to.</param>
internal sealed record LinearSkipDescription(int Targets, int First, int Count);

/// <summary>The linear forecasts, [horizon, rows, targets], and the first parameter and the number of parameters of a step that they are added to.</summary>
internal readonly record struct PathForecasts(Tensor Values, int First, int Count);

/// <inheritdoc cref="LinearSkipDescription"/>
internal sealed class LinearSkip
{
    /// <summary>The name of the weight.</summary>
    public const string WeightName = "linear_path.weight";

    /// <summary>The name of the bias, with a decoder.</summary>
    public const string BiasName = "linear_path.bias";

    private readonly LinearSkipDescription _description;

    public LinearSkip(NetworkDescription network)
    {
        _description = network.LinearSkip!;
        if (network.Time is not { } time || network.Horizon < 1 || network.PerStep || network.Decoder is { Vocabulary: > 0 })
            throw new ArgumentException("A linear skip connection needs windows of a fixed size and a horizon.", nameof(network));
        if (network.Decoder is { IsRecursive: true })
            throw new ArgumentException(
                "A linear skip connection has weights for each step of the horizon, but a recursive network is a model of a single step. "
                    + "Turn the skip connection off.", nameof(network));
        if (_description.Targets < 1 || _description.Targets > network.Features
            || (_description.First + _description.Count) * network.Horizon * _description.Targets > network.Outputs)
            throw new ArgumentException(
                $"A linear skip connection for {_description.Targets} targets does not fit a network of {network.Features} features "
                    + $"and {network.Outputs} outputs.",
                nameof(network));
        Weight = new Parameter(WeightName, new Shape(network.Horizon, time));
        if (network.Decoder is not null) Bias = new Parameter(BiasName, new Shape(network.Horizon));
    }

    /// <summary>[horizon, time]; initially zero.</summary>
    public Parameter Weight { get; }

    /// <summary>[horizon], initially zero; null if the head has a bias for each step.</summary>
    public Parameter? Bias { get; }

    /// <summary>The parameters.</summary>
    public IEnumerable<Parameter> Parameters => Bias is null ? [Weight] : [Weight, Bias];

    /// <summary>Adds the forecasts for a window [time, rows, features] to the head's outputs.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="values">The head's outputs.</param>
    /// <param name="window">The window.</param>
    /// <param name="explained">What a regression explains of it, [rows x targets, time], and the linear forecast leaves aside; null for nothing.</param>
    public Tensor Forward(Tape tape, Tensor values, Tensor window, Tensor? explained = null)
    {
        var (rows, targets, horizon) = (window.Shape[1], _description.Targets, Weight.Shape[0]);
        var forecasts = PermuteOperation.Apply(tape, Lines(tape, window, explained), new Shape(rows, targets, horizon), [0, 2, 1],
            new Shape(rows, horizon * targets));
        return AddToParametersOperation.Apply(tape, values, forecasts, default, _description.First, _description.Count);
    }

    /// <summary>The forecasts for a window [time, rows, features].</summary>
    public PathForecasts Forecast(Tape tape, Tensor window)
    {
        var (rows, targets, horizon) = (window.Shape[1], _description.Targets, Weight.Shape[0]);
        var forecasts = PermuteOperation.Apply(tape, Lines(tape, window), new Shape(rows, targets, horizon), [2, 0, 1], new Shape(horizon, rows, targets));
        return new(forecasts, _description.First, _description.Count);
    }

    /// <summary>Copies a weight for windows of another length: the most recent steps keep their weights, additional ones get 0.</summary>
    public static void CopyWeight(Tensor from, Tensor to)
    {
        var (known, time) = (from.Shape[1], to.Shape[1]);
        var steps = Math.Min(known, time);
        to.Span.Clear();
        for (var h = 0; h < to.Shape[0]; h++) from.Span.Slice((h + 1) * known - steps, steps).CopyTo(to.Span.Slice((h + 1) * time - steps, steps));
    }

    /// <summary>The first features of a window as series: [rows x targets, time].</summary>
    public static Tensor Series(Tape tape, Tensor window, int targets)
    {
        var (time, rows, features) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        var series = tape.Rent(new Shape(rows * targets, time));
        var from = window.Span;
        var to = series.Span;
        for (var row = 0; row < rows; row++)
        {
            for (var target = 0; target < targets; target++)
            {
                var at = (row * targets + target) * time;
                for (var t = 0; t < time; t++) to[at + t] = from[(t * rows + row) * features + target];
            }
        }
        return series;
    }

    // Target by target, [rows x targets, horizon].
    private Tensor Lines(Tape tape, Tensor window, Tensor? explained = null)
    {
        var series = Series(tape, window, _description.Targets);
        return LinearOperation.Apply(tape, explained is null ? series : SubtractOperation.Apply(tape, series, explained), Weight.Value, Bias?.Value);
    }
}
