using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring.Export;

/// <summary>
/// A batch as the inputs of a graph. Rows are padded to the longest, sequences by their own last step, so that what pads them lies within what the rows hold;
/// states of a graph of single steps, which takes several as well, begin at zero.
/// </summary>
internal sealed class ExportFeeds : IDisposable
{
    private ExportFeeds(Dictionary<string, OrtValue> values) => Values = values;

    public Dictionary<string, OrtValue> Values { get; }

    public static ExportFeeds Create(ModelManifest manifest, InferenceSession session, ScoringBatch batch)
    {
        int rows = batch.Rows, longest = 0;
        foreach (var time in batch.Times) longest = Math.Max(longest, time);
        Dictionary<string, OrtValue> feeds = [];
        for (var i = 0; i < manifest.Inputs.Length; i++)
        {
            var input = manifest.Inputs[i];
            long[] shape = [rows, .. session.InputMetadata[input.Name].Dimensions.Skip(1).Select(dimension => dimension < 0 ? longest : (long)dimension)];
            var size = (int)(shape.Aggregate(1L, (product, dimension) => product * dimension) / rows);
            feeds.Add(input.Name, batch.Inputs[i].IsInteger ? Padded<long>(batch.Tokens)
                : batch.Inputs[i].IsDouble ? Padded<double>(batch.Doubles) : Padded<float>(batch.Values));

            OrtValue Padded<T>(RowReader<T> read) where T : unmanaged
            {
                var values = new T[rows * size];
                for (var row = 0; row < rows; row++)
                {
                    var from = read(row, i);
                    var to = values.AsSpan(row * size, size);
                    from.CopyTo(to);
                    for (int at = from.Length, step = Math.Min(input.Features, from.Length); step > 0 && at < size; at++) to[at] = to[at - step];
                }
                return OrtValue.CreateTensorValueFromMemory(values, shape);
            }
        }
        if (batch.NoiseInput is { } noise)
        {
            SampleNoise.Fill(batch);
            feeds.Add(ModelManifest.NoiseInput, OrtValue.CreateTensorValueFromMemory(
                [.. Enumerable.Range(0, rows).SelectMany(row => batch.Values(row, noise).ToArray())], [rows, manifest.NoiseSize]));
        }
        if (manifest.HasLengths)
            feeds.Add(ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(batch.Times.ToArray(), time => (long)time), [rows]));
        foreach (var state in session.InputNames.Where(name => !feeds.ContainsKey(name)).ToArray())
        {
            var size = session.InputMetadata[state].Dimensions[^1];
            feeds.Add(state, OrtValue.CreateTensorValueFromMemory(new float[rows * size], [1, rows, size]));
        }
        return new(feeds);
    }

    public void Dispose()
    {
        foreach (var value in Values.Values) value.Dispose();
    }

    private delegate Span<T> RowReader<T>(int row, int input);
}
