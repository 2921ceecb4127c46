using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>Scoring on a GPU, as far as a machine without one can tell.</summary>
[TestClass]
public sealed class ScoringDeviceTests
{
    private static readonly NetworkDescription Description =
        TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 6), new PoolingDescription("pool", SequencePooling.Last)]);

    private static bool HasProvider => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");

    // The NVIDIA driver's own library is what tells a machine with a GPU.
    private static bool HasDevice => HasProvider && NativeLibrary.TryLoad("libcuda.so.1", out _);

    [TestMethod]
    public void Without_Cuda_the_remedy_is_named()
    {
        if (HasDevice) return;
        var message =
            Assert.ThrowsExactly<ScoringDeviceException>(() => new GraphScorer(TestModels.Model(Description, 201), new() { GpuDeviceId = 0 })).Message;
        // The CPU build lacks the provider; the CUDA build has it and lacks CUDA's libraries or the driver.
        string[] remedy = HasProvider
            ? ["needs lib", "Install the CUDA runtime, cuBLAS, cuRAND and cuDNN"]
            : ["Microsoft.ML.OnnxRuntime.Gpu", "providers_cuda"];
        foreach (var text in remedy) StringAssert.Contains(message, text);
    }

    [TestMethod]
    public void Fallback_scores_on_the_cpu()
    {
        var model = TestModels.Model(Description, 202);
        using var scorer = new GraphScorer(model, new() { GpuDeviceId = 0, FallbackToCpu = true });
        using var batch = scorer.CreateBatch();
        TestRows.Random(Description, 1).AddTo(batch, 0);
        scorer.Run(batch);
        Assert.IsTrue(float.IsFinite(batch.Floats(0, 0)[0]));
    }

    [TestMethod]
    public void A_failed_session_leaves_no_lease_behind()
    {
        if (HasDevice) return;
        var model = TestModels.Model(Description, 203);
        Assert.ThrowsExactly<ScoringDeviceException>(() => new GraphScorer(model, new() { GpuDeviceId = 0 }));
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [TestMethod]
    public void A_negative_device_is_refused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GraphScorer(TestModels.Model(Description, 204), new() { GpuDeviceId = -1 }));
}
