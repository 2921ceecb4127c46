using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The sessions of the encoder graph and of the step graph of a model, shared with all others of the same model and options.</summary>
internal sealed class DecoderSessions : IDisposable
{
    private readonly SessionLease _encoder, _step;

    /// <param name="graphs">The graphs.</param>
    /// <param name="encoder">The file of the encoder graph.</param>
    /// <param name="step">The file of the step graph.</param>
    /// <param name="identity">Equal for equal graphs.</param>
    /// <param name="options">The device and the threads.</param>
    public DecoderSessions(TokenDecoderGraphs graphs, ModelBytes encoder, ModelBytes step, string identity, ScoringOptions options)
    {
        (States, HasAttention, Vocabulary) = (graphs.States, graphs.HasAttention, graphs.Vocabulary);
        _encoder = OnnxSessions.Lease(identity + ":encoder", encoder, shapesVary: true, options);
        try
        {
            _step = OnnxSessions.Lease(identity + ":decoder_step", step, shapesVary: true, options);
        }
        catch
        {
            _encoder.Dispose();
            throw;
        }
        // Where a round trip to the device has worked (see OrtDeviceMemory).
        if (options.GpuDeviceId is int device && _encoder.Memory.Device is not null && _step.Memory.Device is not null)
            Memory = new("Cuda", OrtAllocatorType.DeviceAllocator, device, OrtMemType.Default);
    }

    /// <summary>The states of the decoder.</summary>
    public IReadOnlyList<StepState> States { get; }

    /// <summary>Whether the decoder attends to the sources.</summary>
    public bool HasAttention { get; }

    /// <summary>Number of tokens that a step may write.</summary>
    public int Vocabulary { get; }

    /// <summary>Why the CPU replaces the requested device; null if it does not.</summary>
    public string? Fallback => _encoder.Fallback ?? _step.Fallback;

    internal InferenceSession Encoder => _encoder.Session;

    internal InferenceSession Step => _step.Session;

    /// <summary>The memory in which what only the graphs read is kept.</summary>
    internal OrtMemoryInfo Memory { get; } = OrtMemoryInfo.DefaultInstance;

    /// <summary>Begins the use of the sessions: they live until it ends, even if this is disposed meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">They are disposed.</exception>
    internal void Enter()
    {
        if (!_encoder.TryEnter()) throw new ObjectDisposedException(nameof(DecoderSessions));
        if (_step.TryEnter()) return;
        _encoder.Exit();
        throw new ObjectDisposedException(nameof(DecoderSessions));
    }

    /// <summary>Ends the use of the sessions.</summary>
    internal void Exit()
    {
        _step.Exit();
        _encoder.Exit();
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _step.Dispose();
    }
}
