using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Scoring.Export;

/// <summary>The rows that measure the error of an export: the caller's, or random ones.</summary>
internal static class EvaluationRows
{
    private const int BatchSize = 256, DrawnRows = 256, LongestDrawn = 32;

    /// <summary>All rows of a data view that has the model's input columns.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type, or there are no rows.</exception>
    public static IEnumerable<ScoringBatch> Read(IDataView data, ModelManifest manifest)
    {
        var task = RecurrentTask.Find(manifest);
        using var cursor = data.GetRowCursor(task.FindColumns(manifest, data.Schema).DistinctBy(column => column.Index));
        var collector = task.CreateCollector(manifest, cursor, data);
        // The steps of a gap are rows too.
        using var batch = new ScoringBatch(manifest, BatchSize + (manifest.CarriesState ? manifest.Forecast?.WindowSize ?? 0 : 0));
        var any = false;
        while (cursor.MoveNext())
        {
            any |= collector.Collect(batch);
            if (collector.HasRoom(batch)) continue;
            yield return batch;
            batch.Clear();
        }
        if (batch.Rows > 0) yield return batch;
        if (!any) throw new ArgumentException(
            $"{nameof(OnnxExportOptions)}.{nameof(OnnxExportOptions.EvaluationData)} has no row with a prediction of the model: these rows measure the "
                + $"error.");
    }

    /// <summary>
    /// Random rows. Numbers are normal with the mean and scale that the graph uses to standardize each input (0 and 1 if it has none), or with the statistics
    /// of their series. Tokens and series are uniform. Sequences of varying length have 1 to 32 steps.
    /// </summary>
    public static IEnumerable<ScoringBatch> Draw(RecurrentModel model, GraphProto graph)
    {
        var manifest = model.Manifest;
        var random = new Random(1);
        using var batch = new ScoringBatch(manifest, DrawnRows);
        var places = Places(model, graph).ToArray();
        var series = manifest.SeriesInput;
        float[]? levels = Figures(SeriesScaling.LevelName), scales = Figures(SeriesScaling.ScaleName);
        var width = model.Manifest.IsForeignGraph ? 0 : model.Description.Features;
        for (var row = 0; row < DrawnRows; row++)
        {
            var time = manifest.Inputs.Where(input => input.IsSequence).Select(input => input.Time).FirstOrDefault() ?? 1 + random.Next(LongestDrawn);
            batch.Add(time);
            int id = series is null ? 0 : random.Next(series.Vocabulary), offset = 0;
            for (var i = 0; i < places.Length; i++)
            {
                var (input, mean, scale, logged) = places[i];
                if (batch.Inputs[i].IsInteger)
                {
                    foreach (ref var token in batch.Tokens(row, i)) token = input.IsSeries ? id : random.Next(input.Vocabulary);
                    continue;
                }
                var isDouble = batch.Inputs[i].IsDouble;
                var values = isDouble ? [] : batch.Values(row, i);
                var doubles = isDouble ? batch.Doubles(row, i) : [];
                for (var at = 0; at < values.Length + doubles.Length; at++)
                {
                    var value = Normal(random);
                    // The statistics of a series refer to its standardized numbers.
                    if (scales is not null && input.Kind is InputKind.Sequence && id * width + offset + at % input.Features is var place && scales[place] > 0)
                        value = (levels?[place] ?? 0) + scales[place] * value;
                    value = mean[at % mean.Length] + scale[at % scale.Length] * value;
                    if (isDouble)
                    {
                        // What the graph subtracts first; the mean of a window may be anything.
                        var origin = input.Origins[(input.Origins.Length > input.Features ? id * input.Features : 0) + at % input.Features];
                        doubles[at] = value + (float.IsNaN(origin) ? 0.0 : origin);
                        continue;
                    }
                    values[at] = value;
                    // The graph takes the logarithm first.
                    if (at % input.Features < logged) values[at] = MathF.Exp(values[at]);
                }
                offset += input.Features;
            }
        }
        yield return batch;

        float[]? Figures(string name) =>
            graph.Initializer.FirstOrDefault(tensor => tensor.Name == name) is { } tensor ? TensorData.Read(tensor).FloatValues : null;
    }

    // Inputs of one kind are concatenated in order before they are standardized.
    private static IEnumerable<(InputColumn Input, float[] Mean, float[] Scale, int Logged)> Places(RecurrentModel model, GraphProto graph)
    {
        Dictionary<string, int> offsets = [];
        foreach (var input in model.Manifest.Inputs)
        {
            if (input.IsCategory)
            {
                yield return (input, [], [], 0);
                continue;
            }
            var kind = input.Kind is InputKind.Sequence ? "input" : input.Kind.ToString().ToLowerInvariant();
            var offset = offsets.GetValueOrDefault(kind);
            offsets[kind] = offset + input.Features;
            var logged = input.Kind is InputKind.Sequence && model.Description.Transform is not TargetTransform.None
                ? model.Description.TransformedFeatures - offset
                : 0;
            float[] Part(string name, float otherwise) => graph.Initializer.FirstOrDefault(tensor => tensor.Name == $"{kind}.{name}") is { } tensor
                && TensorData.Read(tensor).FloatValues is { } values && values.Length >= offset + input.Features
                ? values.AsSpan(offset, input.Features).ToArray()
                : [otherwise];
            yield return (input, Part("mean", 0), Part("scale", 1), logged);
        }
    }

    private static float Normal(Random random) => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
