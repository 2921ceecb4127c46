using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>
/// Our own scoring on the device, batch after batch: a session on a device reads copies of what is bound, so a binding that is used again must bring the new
/// numbers along. Answers are held against the CPU's.
/// </summary>
internal static class GpuScoring
{
    private const int Batches = 4, Rows = 32, Keys = 20;
    private const double Tolerance = 2e-3;

    public static IEnumerable<GpuCheck> Run(GpuTarget target)
    {
        foreach (var varying in new[] { false, true })
        {
            var model = GpuForms.Model([new RecurrentDescription("lstm", RecurrentCell.Lstm, 32), GpuForms.Last()], varying);
            yield return Check($"our scorer, batch after batch{(varying ? ", lengths" : "")}", () => Scores(model, target, varying),
                () => Scores(model, GpuTarget.Cpu, varying));
            if (varying) yield return Check("our stream, step after step", () => Steps(model, target), () => Steps(model, GpuTarget.Cpu));
        }
    }

    /// <summary>How numbers come to the device.</summary>
    public static string Memory(GpuTarget target)
    {
        if (target.Device is null) return "the processor's memory";
        var model = GpuForms.Model([new RecurrentDescription("lstm", RecurrentCell.Lstm, 32), GpuForms.Last()], varying: true);
        using var settings = target.Settings();
        using var session = new InferenceSession(model.File().Graph.ToArray(), settings);
        using var memory = SessionMemory.OnDevice(session);
        return memory.Device is null ? "inputs bound anew for each run" : "tensors in the device's own memory";
    }

    private static GpuCheck Check(string name, Func<List<float>> actual, Func<List<float>> expected)
    {
        try
        {
            var error = expected().Zip(actual(), (a, b) => Math.Abs((double)a - b)).Max();
            return new(name, error <= Tolerance, [], error,
                error <= Tolerance ? null : string.Create(CultureInfo.InvariantCulture, $"the answers differ by {error:G3}"));
        }
        catch (OnnxRuntimeException error)
        {
            return new(name, false, [], double.NaN, error.Message);
        }
    }

    private static List<float> Scores(RecurrentModel model, GpuTarget target, bool varying)
    {
        using var scorer = new GraphScorer(model, new() { GpuDeviceId = target.Device, BatchSize = Rows });
        using var batch = scorer.CreateBatch();
        var random = new Random(3);
        List<float> answers = [];
        for (var i = 0; i < Batches; i++)
        {
            batch.Clear();
            for (var row = 0; row < Rows; row++)
            {
                var example = batch.Add(model.Manifest.Inputs[0].Time ?? (varying ? 1 + random.Next(20) : 20));
                foreach (ref var value in batch.Values(example, 0)) value = 2 * random.NextSingle() - 1;
            }
            scorer.Run(batch);
            for (var row = 0; row < Rows; row++) answers.Add(batch.Floats(row, 0)[0]);
        }
        return answers;
    }

    private static List<float> Steps(RecurrentModel model, GpuTarget target)
    {
        using var stream = new SequenceStream<int>(model, new() { GpuDeviceId = target.Device });
        int[] keys = [.. Enumerable.Range(0, Keys)];
        float[] inputs = new float[Keys * stream.InputSize], outputs = new float[Keys * stream.OutputSize];
        var random = new Random(4);
        List<float> answers = [];
        for (var step = 0; step < Batches; step++)
        {
            foreach (ref var value in inputs.AsSpan()) value = 2 * random.NextSingle() - 1;
            stream.Step(keys, inputs, outputs);
            answers.AddRange(outputs);
        }
        return answers;
    }
}
