using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>
/// Sessions on a device read copies of what is bound, so each run has to copy again. Devices are played here by memory apart from the batch's own; none of this
/// has run on a GPU.
/// </summary>
[TestClass]
public sealed class SessionMemoryTests
{
    private static readonly NetworkDescription Fixed =
        TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 6), new PoolingDescription("pool", SequencePooling.Last)], statics: 2);

    private static readonly NetworkDescription Varying = Fixed with { Time = null };

    [TestMethod]
    [DataRow(false, "all")]
    [DataRow(false, "inputs")]
    [DataRow(false, "outputs")]
    [DataRow(false, "none")]
    [DataRow(true, "all")]
    [DataRow(true, "numbers")]
    [DataRow(true, "none")]
    public void Every_run_reads_what_the_batch_holds_then(bool varying, string onDevice)
    {
        var description = varying ? Varying : Fixed;
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var session = new InferenceSession(model.File().Graph.ToArray());
        using var device = new SeparateMemory(name => onDevice switch
        {
            "all" => true,
            "inputs" => name != "Score",
            "outputs" => name == "Score",
            "numbers" =>
            name != ModelManifest.LengthInput,
            _ => false
        });
        using var batch = new ScoringBatch(model.Manifest, 8);
        using var bindings = new ScoringBindings(batch, session, new(CopiesWhenBound: true, onDevice == "none" ? null : device), 8);
        // The same shape again and again, with other numbers: the binding is the first one each time.
        for (var seed = 1; seed <= 4; seed++)
        {
            var rows = TestRows.Random(description, 8, seed, shortest: 5, longest: 5);
            batch.Clear();
            for (var row = 0; row < 8; row++) rows.AddTo(batch, row);
            foreach (var output in batch.Outputs) output.Prepare(batch.Times);
            if (varying) bindings.Lengths.Fill(5);
            bindings.Bind(8, varying ? 5 : 7, 0, 0).Run();
            var expected = TestModels.Forward(network, rows)[0];
            for (var row = 0; row < 8; row++)
                TestModels.AssertClose(expected[(row * 2)..(row * 2 + 2)], batch.Floats(row, 0).ToArray(), $"{onDevice}, round {seed}, row {row}");
        }
        if (onDevice is "all") Assert.AreEqual(8, device.Copies);
        if (onDevice is "inputs" or "outputs") Assert.AreEqual(4, device.Copies);
    }

    [TestMethod]
    public void A_session_on_the_cpu_needs_no_other_memory()
    {
        using var session = new InferenceSession(TestModels.Model(Fixed).File().Graph.ToArray());
        using var infos = session.GetMemoryInfosForInputs();
        Assert.IsTrue(infos.All(OrtDeviceMemory.IsHost));
        Assert.IsNull(OrtDeviceMemory.TryOpen(session));
        var memory = SessionMemory.OnDevice(session);
        Assert.IsTrue(memory.CopiesWhenBound);
        Assert.IsNull(memory.Device);
        Assert.IsNull(SessionMemory.Host.Device);
    }

    [TestMethod]
    public void Memory_of_Cuda_is_not_the_processors()
    {
        using var device = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        using var pinned = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.CpuOutput);
        Assert.IsFalse(OrtDeviceMemory.IsHost(device));
        Assert.IsTrue(OrtDeviceMemory.IsHost(pinned));
        // No provider of this process shares such memory: it is not taken.
        if (OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider")) return;
        var error = Assert.Throws<Exception>(() => OrtDeviceMemory.Returns(device));
        Assert.IsTrue(error is NotSupportedException or OnnxRuntimeException, error.ToString());
    }

    /// <summary>A device as far as bindings can tell: tensors of its own, copied to and from.</summary>
    private sealed class SeparateMemory(Func<string, bool> holds) : IDeviceMemory
    {
        public int Copies { get; private set; }

        public OrtValue? AllocateInput(string name, TensorElementType type, long[] shape) =>
            holds(name) ? OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape) : null;

        public OrtValue? AllocateOutput(string name, TensorElementType type, long[] shape) => AllocateInput(name, type, shape);

        public void Copy(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> destinations)
        {
            Assert.HasCount(sources.Count, destinations);
            for (var i = 0; i < sources.Count; i++) sources[i].GetTensorMutableRawData().CopyTo(destinations[i].GetTensorMutableRawData());
            Copies++;
        }

        public void Dispose()
        {
        }
    }
}
