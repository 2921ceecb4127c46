using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A non-linear regression of each step on its known covariates: two hidden layers, shared by all steps, of the covariates and of the body's vector (as the
/// temporal decoder of TiDE, Das et al. 2023). Its output is added to that of the head. With <see cref="DynamicRegressionDescription.ReadsWindow"/> it also
/// explains the steps of the window, and the linear skip connection forecasts what is left of them: a regression with autoregressive errors, known as dynamic
/// regression (Pankratz 1991). The last layer starts at zero.
/// </summary>
internal sealed class DynamicRegression
{
    private readonly NetworkDescription _network;
    private readonly DynamicRegressionDescription _description;

    /// <param name="network">The network.</param>
    /// <param name="body">Features of the body's vector, with static features.</param>
    public DynamicRegression(NetworkDescription network, int body)
    {
        (_network, _description) = (network, network.DynamicRegression!);
        var parameters = _description.Targets < 1 || network.Horizon < 1 ? 0 : network.Outputs / (network.Horizon * _description.Targets);
        if (network.Decoder is not null || network.PerStep || network.FutureWidth == 0 || _description.Units < 1
            || parameters * network.Horizon * _description.Targets != network.Outputs || _description.Location >= parameters)
            throw new ArgumentException(
                "A dynamic regression needs known covariates of each step of the horizon, and outputs that are parameters of each step.", nameof(network));
        if (_description.ReadsWindow && (network.LinearSkip is null || network.UnscaledFeatures != network.FutureFeatures || network.CovariateWidth == 0))
            throw new ArgumentException("A dynamic regression explains a window only if its steps have the covariates, and with a linear skip connection.",
                nameof(network));
        var steps = new LayerShape(true, Inputs(network));
        Context = new DenseLayer(new DenseDescription("regression_context", _description.Units, DenseActivation.Identity), new LayerShape(false, body));
        First = new DenseLayer(new DenseDescription("regression_1", _description.Units, DenseActivation.Identity), steps);
        Second = new DenseLayer(new DenseDescription("regression_2", _description.Units, DenseActivation.Relu), First.Output);
        Last = new DenseLayer(new DenseDescription("regression_output", parameters * _description.Targets, DenseActivation.Identity), First.Output);
    }

    /// <summary>Numbers of a step that the first layer reads.</summary>
    public static int Inputs(NetworkDescription network) => network.DynamicRegression is not { ReadsWindow: true } description
        ? network.FutureWidth
        : network.CovariateWidth * (1 + description.Averages.Length + description.ExponentialAverages.Length);

    /// <summary>The layer of the body's vector.</summary>
    public DenseLayer Context { get; }

    /// <summary>The layer of the covariates, whose output is added to that of <see cref="Context"/> before the activation (ReLU).</summary>
    public DenseLayer First { get; }

    /// <summary>The second hidden layer.</summary>
    public DenseLayer Second { get; }

    /// <summary>The layer of the parameters of a step.</summary>
    public DenseLayer Last { get; }

    /// <summary>All layers.</summary>
    public IEnumerable<DenseLayer> Layers => [Context, First, Second, Last];

    /// <summary>The parameters.</summary>
    public IEnumerable<Parameter> Parameters => Layers.SelectMany(layer => layer.Parameters);

    public void Initialize(ulong seed)
    {
        foreach (var layer in Layers) layer.Initialize(seed);
        Last.Weight.Value.Span.Clear();
    }

    /// <summary>
    /// The parameters of the horizon, [rows, outputs], and the forecasts of the window, target by target, [rows x targets, time]; null if it is not explained.
    /// </summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="body">The body's vector, [rows, n].</param>
    /// <param name="covariates">[steps, rows, n], the last ones those of the horizon.</param>
    public (Tensor Horizon, Tensor? Window) Forward(Tape tape, Tensor body, Tensor covariates)
    {
        var (steps, rows, horizon, targets) = (covariates.Shape[0], covariates.Shape[1], _network.Horizon, _description.Targets);
        if (_description.Averages.Length + _description.ExponentialAverages.Length > 0)
        {
            var read = covariates;
            covariates = ConcatOperation.Apply(tape, 2,
                [read, .. _description.Averages.Select(length => MovingAverageOperation.Apply(tape, read, length)),
                    .. _description.ExponentialAverages.Select(length => ExponentialAverageOperation.Apply(tape, read, length))]);
        }
        var signal = new Signal(covariates, null) { Time = steps, Rows = rows };
        var hidden = BroadcastAddOperation.Apply(tape, First.Forward(tape, signal).Numbers, Context.Forward(tape, new Signal(body, null)).Numbers);
        hidden = ActivationLayer.Apply(tape, hidden, DenseActivation.Relu);
        var answers = Last.Forward(tape, Second.Forward(tape, signal with { Values = hidden })).Numbers;
        var parameters = answers.Shape.Columns / targets;
        // Parameter by parameter, step by step, target by target, as heads expect.
        var ahead = PermuteOperation.Apply(tape, SliceOperation.Apply(tape, answers, steps - horizon, horizon), new Shape(horizon, rows, parameters, targets),
            [1, 2, 0, 3], new Shape(rows, parameters * horizon * targets));
        if (!_description.ReadsWindow) return (ahead, null);
        var time = steps - horizon;
        var past = SliceOperation.Apply(tape, answers, 0, time);
        if (parameters > 1)
        {
            // The parameter of the forecast alone.
            past = PermuteOperation.Apply(tape, past, new Shape(time * rows, parameters, targets), [1, 0, 2], new Shape(parameters, time * rows, targets));
            past = SliceOperation.Apply(tape, past, _description.Location, 1);
        }
        return (ahead, PermuteOperation.Apply(tape, past, new Shape(time, rows, targets), [1, 2, 0], new Shape(rows * targets, time)));
    }
}
