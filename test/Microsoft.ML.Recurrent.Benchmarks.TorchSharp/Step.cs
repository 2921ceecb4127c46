using TorchSharp;
using TorchSharp.Modules;

namespace TorchSharpPeer;

/// <summary>One training step: forward, backward, clipping by global norm, optimizer.</summary>
internal abstract class Step : IDisposable
{
    protected abstract IReadOnlyList<Parameter> Parameters { get; }

    protected abstract torch.optim.Optimizer Optimizer { get; }

    protected abstract double ClipNorm { get; }

    public void Run()
    {
        // What the step makes goes at once, not when the collector comes.
        using var scope = torch.NewDisposeScope();
        Optimizer.zero_grad();
        Loss().backward();
        torch.nn.utils.clip_grad_norm_(Parameters, ClipNorm);
        Optimizer.step();
    }

    protected abstract torch.Tensor Loss();

    public virtual void Dispose() => Optimizer.Dispose();
}
