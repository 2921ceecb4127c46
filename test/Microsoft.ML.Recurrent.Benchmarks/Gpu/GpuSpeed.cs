using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>One cell of the table: microseconds of a run, the median of several.</summary>
internal sealed record GpuFigure(string Who, int Hidden, int Batch, double Microseconds);

/// <summary>
/// Times of one LSTM over 50 steps: ONNX Runtime on the CPU and on the device, our scorer on the device (rows in and answers out of the machine's own memory),
/// and PyTorch on the same device.
/// </summary>
internal static class GpuSpeed
{
    private const int Steps = 50, Features = 16, Repeats = 15;

    private static readonly int[] s_hidden = [64, 256, 512], s_batches = [1, 16, 256];

    public static IReadOnlyList<GpuFigure> Measure(GpuTarget target, string python)
    {
        List<GpuFigure> figures = [];
        foreach (var hidden in s_hidden)
        {
            var model = GpuForms.Model([new RecurrentDescription("lstm", RecurrentCell.Lstm, hidden), GpuForms.Last()], varying: false, Features, Steps);
            using var stream = new MemoryStream();
            model.ExportToOnnx(stream, new() { Precision = OnnxPrecision.Half, MeasureError = false });
            foreach (var batch in s_batches)
            {
                void Add(string who, double microseconds) => figures.Add(new(who, hidden, batch, microseconds));
                foreach (var place in new[] { GpuTarget.Cpu, target }.Distinct())
                    Add($"ONNX Runtime, {place.Name}", Bare(model.File().Graph.ToArray(), place, batch));
                Add($"ONNX Runtime, {target.Name}, Half", Bare(stream.ToArray(), target, batch));
                Add($"our scorer, {target.Name}", Scorer(model, target, batch));
            }
        }
        figures.AddRange(PyTorchGpu.Measure(python, target, Steps, Features, s_hidden, s_batches));
        return figures;
    }

    /// <summary>The table in Markdown, microseconds a run.</summary>
    public static string Table(IReadOnlyList<GpuFigure> figures)
    {
        var columns = figures.Select(figure => (figure.Hidden, figure.Batch)).Distinct().OrderBy(column => column).ToArray();
        var text = new StringBuilder("| microseconds a run |");
        foreach (var (hidden, batch) in columns) text.Append(CultureInfo.InvariantCulture, $" LSTM {hidden}, batch {batch} |");
        text.Append("\n| --- |").Insert(text.Length, " --- |", columns.Length).Append('\n');
        foreach (var who in figures.Select(figure => figure.Who).Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"| {who} |");
            foreach (var (hidden, batch) in columns)
                text.Append(figures.FirstOrDefault(figure => figure.Who == who && figure.Hidden == hidden && figure.Batch == batch) is { } figure
                    ? figure.Microseconds.ToString(" #,##0 |", CultureInfo.InvariantCulture)
                    : " |");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static double Bare(byte[] graph, GpuTarget target, int batch)
    {
        using var settings = target.Settings();
        using var session = new InferenceSession(graph, settings);
        using var binding = session.CreateIoBinding();
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(Rows(batch), [batch, Steps, Features]);
        using var output = OrtValue.CreateTensorValueFromMemory(new float[batch], [batch, 1]);
        binding.BindInput("Features", input);
        binding.BindOutput("Score", output);
        return Median(() => session.RunWithBinding(run, binding));
    }

    private static double Scorer(RecurrentModel model, GpuTarget target, int batch)
    {
        using var scorer = new GraphScorer(model, new() { GpuDeviceId = target.Device, BatchSize = batch });
        using var rows = scorer.CreateBatch();
        var values = Rows(batch);
        for (var row = 0; row < batch; row++) values.AsSpan(row * Steps * Features, Steps * Features).CopyTo(rows.Values(rows.Add(Steps), 0));
        return Median(() => scorer.Run(rows));
    }

    private static float[] Rows(int batch)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, batch * Steps * Features).Select(_ => 2 * random.NextSingle() - 1)];
    }

    private static double Median(Action run)
    {
        var clock = Stopwatch.StartNew();
        var calls = 0;
        while (clock.Elapsed.TotalSeconds < 0.3 || calls < 3)
        {
            run();
            calls++;
        }
        calls = Math.Max(1, calls / 6);
        var times = new double[Repeats];
        for (var i = 0; i < Repeats; i++)
        {
            clock.Restart();
            for (var call = 0; call < calls; call++) run();
            times[i] = clock.Elapsed.TotalMicroseconds / calls;
        }
        Array.Sort(times);
        return times[Repeats / 2];
    }
}
