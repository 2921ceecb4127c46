using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring.Export;

/// <summary>Measures the error of an exported graph against the same graph in 32-bit floats, on the same rows.</summary>
internal sealed class ExportComparison : IDisposable
{
    private readonly ModelManifest _manifest;
    private readonly InferenceSession _reference, _export;
    private readonly Sums[] _sums;

    private ExportComparison(ModelManifest manifest, ModelBytes reference, ModelBytes export)
    {
        _manifest = manifest;
        _reference = SessionFactory.Create(reference, ScoringOptions.Default, shapesVary: true, out _);
        try
        {
            _export = SessionFactory.Create(export, ScoringOptions.Default, shapesVary: true, out _);
        }
        catch
        {
            _reference.Dispose();
            throw;
        }
        _sums = [.. _reference.OutputNames.Select(_ => new Sums())];
    }

    /// <param name="manifest">The model's columns.</param>
    /// <param name="reference">The graph in 32-bit floats, in the exported form.</param>
    /// <param name="export">The exported graph.</param>
    /// <param name="batches">The rows.</param>
    /// <returns>The number of rows, and the error of each output in graph order.</returns>
    public static (int Rows, ImmutableArray<OnnxOutputError> Outputs) Measure(ModelManifest manifest, ModelBytes reference, ModelBytes export,
        IEnumerable<ScoringBatch> batches)
    {
        using var comparison = new ExportComparison(manifest, reference, export);
        var rows = 0;
        foreach (var batch in batches)
        {
            comparison.Compare(batch);
            rows += batch.Rows;
        }
        return (rows, [.. comparison._sums.Select((sums, i) => sums.ToError(comparison._reference.OutputNames[i]))]);
    }

    public void Dispose()
    {
        _reference.Dispose();
        _export.Dispose();
    }

    private void Compare(ScoringBatch batch)
    {
        var feeds = Feeds(batch);
        try
        {
            using var options = new RunOptions();
            using var expected = _reference.Run(options, feeds, _reference.OutputNames);
            using var actual = _export.Run(options, feeds, _reference.OutputNames);
            for (var i = 0; i < _sums.Length; i++) _sums[i].Add(Numbers(expected[i]), Numbers(actual[i]));
        }
        finally
        {
            foreach (var feed in feeds.Values) feed.Dispose();
        }
    }

    // Rows are zero-padded to the longest. The states of a single-step graph, which also takes several steps, start at zero.
    private Dictionary<string, OrtValue> Feeds(ScoringBatch batch)
    {
        int rows = batch.Rows, longest = 0;
        foreach (var time in batch.Times) longest = Math.Max(longest, time);
        Dictionary<string, OrtValue> feeds = [];
        for (var i = 0; i < _manifest.Inputs.Length; i++)
        {
            var input = _manifest.Inputs[i];
            long[] shape = [rows, .. _reference.InputMetadata[input.Name].Dimensions.Skip(1).Select(dimension => dimension < 0 ? longest : (long)dimension)];
            var size = (int)(shape.Aggregate(1L, (product, dimension) => product * dimension) / rows);
            feeds.Add(input.Name, batch.Inputs[i].IsInteger ? Padded<long>(batch.Tokens) : Padded<float>(batch.Values));

            OrtValue Padded<T>(RowReader<T> read) where T : unmanaged
            {
                var values = new T[rows * size];
                for (var row = 0; row < rows; row++) read(row, i).CopyTo(values.AsSpan(row * size));
                return OrtValue.CreateTensorValueFromMemory(values, shape);
            }
        }
        if (batch.NoiseInput is { } noise)
        {
            SampleNoise.Fill(batch);
            feeds.Add(ModelManifest.NoiseInput, OrtValue.CreateTensorValueFromMemory(
                [.. Enumerable.Range(0, rows).SelectMany(row => batch.Values(row, noise).ToArray())], [rows, _manifest.NoiseSize]));
        }
        if (_manifest.HasLengths)
            feeds.Add(ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(batch.Times.ToArray(), time => (long)time), [rows]));
        foreach (var state in _reference.InputNames.Where(name => !feeds.ContainsKey(name)).ToArray())
        {
            var size = _reference.InputMetadata[state].Dimensions[^1];
            feeds.Add(state, OrtValue.CreateTensorValueFromMemory(new float[rows * size], [1, rows, size]));
        }
        return feeds;
    }

    private delegate Span<T> RowReader<T>(int row, int input);

    private static double[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Bool => Array.ConvertAll(value.GetTensorDataAsSpan<bool>().ToArray(), flag => flag ? 1d : 0),
        TensorElementType.Int64 => Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), number => (double)number),
        _ => Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), number => (double)number),
    };

    /// <summary>The error sums of one output.</summary>
    private sealed class Sums
    {
        private long _count, _equal;
        private double _error, _greatest, _magnitude;

        public void Add(double[] expected, double[] actual)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                var same = expected[i].Equals(actual[i]);
                var error = same ? 0 : Math.Abs(expected[i] - actual[i]);
                _equal += same ? 1 : 0;
                _error += error;
                // NaN counts as the maximum and stays.
                _greatest = double.IsNaN(_greatest) || double.IsNaN(error) ? double.NaN : Math.Max(_greatest, error);
                _magnitude += Math.Abs(expected[i]);
            }
            _count += expected.Length;
        }

        public OnnxOutputError ToError(string name) =>
            new(name)
            {
                MaximumAbsoluteError = _greatest, MeanAbsoluteError = _error / _count, MeanAbsoluteValue = _magnitude / _count,
                Agreement = (double)_equal / _count
            };
    }
}
