using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Random rows for a network: sequences of numbers or tokens, their lengths, and statics.</summary>
internal sealed class TestRows
{
    public required int Count { get; init; }

    /// <summary>Steps of the longest row.</summary>
    public required int Time { get; init; }

    public required int[] Lengths { get; init; }

    /// <summary>Step by step, each row as long as it is.</summary>
    public required float[][] Values { get; init; }

    public required long[][] Tokens { get; init; }

    public required float[] Statics { get; init; }

    /// <summary>What is known ahead, row by row and step by step.</summary>
    public float[] Future { get; init; } = [];

    public required int Features { get; init; }

    public static TestRows Random(NetworkDescription description, int count, int seed = 7, int shortest = 1, int longest = 12)
    {
        var random = new Random(seed);
        int[] lengths = [.. Enumerable.Range(0, count).Select(_ => description.Time ?? random.Next(shortest, longest + 1))];
        float[] Numbers(int size) => [.. Enumerable.Range(0, size).Select(_ => 4 * random.NextSingle() - 2)];
        return new()
        {
            Count = count,
            Time = lengths.Max(),
            Lengths = lengths,
            Features = description.Features,
            Values = [.. lengths.Select(length => Numbers(length * description.Features))],
            Tokens = [.. lengths.Select(
                length => Enumerable.Range(0, description.Vocabulary > 0 ? length : 0).Select(_ => (long)random.Next(description.Vocabulary)).ToArray())],
            Statics = Numbers(count * description.Statics),
            Future = Numbers(count * description.FutureFeatures * description.Horizon),
        };
    }

    /// <summary>Time first, as the network takes them.</summary>
    public SequenceBatch ToBatch(NetworkDescription description)
    {
        var batch = new SequenceBatch();
        var features = description.Features;
        batch.Resize(Count, Time, features, tokens: description.Vocabulary > 0, lengths: description.Time is null, statics: description.Statics,
            future: description.FutureFeatures, horizon: description.Horizon);
        for (var row = 0; row < Count; row++)
        {
            for (var t = 0; t < Lengths[row]; t++)
            {
                if (features > 0) Values[row].AsSpan(t * features, features).CopyTo(batch.Values!.Span[((t * Count + row) * features)..]);
                else batch.Tokens![t * Count + row] = (int)Tokens[row][t];
            }
            if (batch.Lengths is { } lengths) lengths[row] = Lengths[row];
        }
        for (var i = 0; i < Future.Length; i++)
        {
            var (row, step, j) =
                (i / (description.FutureFeatures * description.Horizon), i / description.FutureFeatures % description.Horizon, i % description.FutureFeatures);
            batch.Future!.Span[(step * Count + row) * description.FutureFeatures + j] = Future[i];
        }
        if (description.Statics > 0) Statics.CopyTo(batch.Statics!.Span);
        return batch;
    }

    /// <summary>Some of the features, [rows, time, n], padded by numbers that must not matter.</summary>
    public float[] Padded(int first, int n)
    {
        var padded = new float[Count * Time * n];
        Array.Fill(padded, 123f);
        for (var row = 0; row < Count; row++)
            for (var t = 0; t < Lengths[row]; t++)
                Values[row].AsSpan(t * Features + first, n).CopyTo(padded.AsSpan((row * Time + t) * n));
        return padded;
    }

    public long[] PaddedTokens()
    {
        var padded = new long[Count * Time];
        for (var row = 0; row < Count; row++) Tokens[row].CopyTo(padded, row * Time);
        return padded;
    }

    /// <summary>Adds a row to a scoring batch, column by column.</summary>
    public void AddTo(ScoringBatch batch, int row)
    {
        var example = batch.Add(Lengths[row]);
        for (var i = 0; i < batch.Manifest.Inputs.Length; i++)
        {
            var column = batch.Manifest.Inputs[i];
            if (column.Kind is InputKind.Tokens) Tokens[row].CopyTo(batch.Tokens(example, i));
            else if (column.Kind is InputKind.Static) Statics.AsSpan(row * column.Features, column.Features).CopyTo(batch.Values(example, i));
            else
            {
                var target = batch.Values(example, i);
                for (var t = 0; t < Lengths[row]; t++)
                    Values[row].AsSpan(t * Features + (column.Name == "Rest" ? 1 : 0), column.Features).CopyTo(target[(t * column.Features)..]);
            }
        }
    }
}
