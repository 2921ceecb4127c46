using TorchSharp;
using TorchSharp.Modules;

namespace TorchSharpPeer;

/// <summary>
/// Embedding, LSTM layers with carried state, a linear map to the vocabulary, cross-entropy, clipping to 5, gradient descent: all weights U(-0.1, 0.1).
/// </summary>
internal sealed class LanguageModelStep : Step
{
    private readonly Embedding _embedding;
    private readonly LSTM _cell;
    private readonly Linear _head;
    private readonly CrossEntropyLoss _loss = torch.nn.CrossEntropyLoss();
    private readonly torch.Tensor _x, _y;
    private readonly int _hidden;
    private torch.Tensor _h, _c;

    public LanguageModelStep(StepShape shape)
    {
        _hidden = shape.Hidden;
        _embedding = torch.nn.Embedding(shape.Vocabulary, shape.Inputs);
        _cell = torch.nn.LSTM(shape.Inputs, shape.Hidden, shape.Layers);
        _head = torch.nn.Linear(shape.Hidden, shape.Vocabulary);
        Parameters = [.. _embedding.parameters(), .. _cell.parameters(), .. _head.parameters()];
        foreach (Parameter parameter in Parameters)
            torch.nn.init.uniform_(parameter, -0.1, 0.1);
        Optimizer = torch.optim.SGD(Parameters, learningRate: 1);
        _x = torch.randint(shape.Vocabulary, [shape.Time, shape.Batch], torch.int64);
        _y = torch.randint(shape.Vocabulary, [shape.Time * shape.Batch], torch.int64);
        (_h, _c) = (torch.zeros(shape.Layers, shape.Batch, shape.Hidden), torch.zeros(shape.Layers, shape.Batch, shape.Hidden));
    }

    protected override IReadOnlyList<Parameter> Parameters { get; }

    protected override torch.optim.Optimizer Optimizer { get; }

    protected override double ClipNorm => 5;

    protected override torch.Tensor Loss()
    {
        (torch.Tensor states, torch.Tensor h, torch.Tensor c) = _cell.call(_embedding.call(_x), (_h, _c));
        // The next step begins where this one ends: these outlive the step's scope.
        _h.Dispose();
        _c.Dispose();
        (_h, _c) = (h.detach().MoveToOuterDisposeScope(), c.detach().MoveToOuterDisposeScope());
        return _loss.call(_head.call(states.reshape(-1, _hidden)), _y);
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (IDisposable part in (IDisposable[])[_embedding, _cell, _head, _loss, _x, _y, _h, _c])
            part.Dispose();
    }
}
