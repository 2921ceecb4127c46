using TorchSharp;
using TorchSharp.Modules;

namespace TorchSharpPeer;

/// <summary>Recurrent layers, a linear head over the last state, mean squared error, clipping to 1, Adam.</summary>
internal sealed class RegressionStep : Step
{
    private readonly torch.nn.Module _cell;
    private readonly Linear _head;
    private readonly MSELoss _loss = torch.nn.MSELoss();
    private readonly torch.Tensor _x, _y;

    public RegressionStep(StepShape shape)
    {
        _cell = shape.Kind switch
        {
            "lstm" => torch.nn.LSTM(shape.Inputs, shape.Hidden, shape.Layers),
            "gru" => torch.nn.GRU(shape.Inputs, shape.Hidden, shape.Layers),
            "rnn" => torch.nn.RNN(shape.Inputs, shape.Hidden, shape.Layers),
            _ => throw new ArgumentException($"There is no kind of cell '{shape.Kind}': lstm, gru or rnn.", nameof(shape)),
        };
        _head = torch.nn.Linear(shape.Hidden, 1);
        Parameters = [.. _cell.parameters(), .. _head.parameters()];
        Optimizer = torch.optim.Adam(Parameters, lr: 1e-3);
        (_x, _y) = (torch.randn(shape.Time, shape.Batch, shape.Inputs), torch.randn(shape.Batch, 1));
    }

    protected override IReadOnlyList<Parameter> Parameters { get; }

    protected override torch.optim.Optimizer Optimizer { get; }

    protected override double ClipNorm => 1;

    protected override torch.Tensor Loss()
    {
        torch.Tensor states = _cell switch
        {
            LSTM lstm => lstm.call(_x).Item1,
            GRU gru => gru.call(_x).Item1,
            RNN rnn => rnn.call(_x).Item1,
            _ => throw new InvalidOperationException($"{_cell.GetName()} is no recurrent layer."),
        };
        return _loss.call(_head.call(states[-1]), _y);
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (IDisposable part in (IDisposable[])[_cell, _head, _loss, _x, _y])
            part.Dispose();
    }
}
