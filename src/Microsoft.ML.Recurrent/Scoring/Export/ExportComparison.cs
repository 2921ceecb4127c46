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

    // Rows that are scored one by one, too: a run each.
    private const int MostAlone = 256;

    private readonly bool _neighborsMatter;
    private int _alone;

    private ExportComparison(ModelManifest manifest, ModelBytes reference, ModelBytes export, bool neighborsMatter)
    {
        (_manifest, _neighborsMatter) = (manifest, neighborsMatter);
        _reference = SessionFactory.Create(reference, ScoringOptions.Default, shapesVary: true, null, out _);
        try
        {
            _export = SessionFactory.Create(export, ScoringOptions.Default, shapesVary: true, null, out _);
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
    /// <param name="neighborsMatter">Whether the output of a row depends on the other rows of a run: the maximum error then includes that effect.</param>
    /// <returns>The number of rows, and the error of each output in graph order.</returns>
    public static (int Rows, ImmutableArray<OnnxOutputError> Outputs) Measure(ModelManifest manifest, ModelBytes reference, ModelBytes export,
        IEnumerable<ScoringBatch> batches, bool neighborsMatter)
    {
        using var comparison = new ExportComparison(manifest, reference, export, neighborsMatter);
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
        using var feeds = ExportFeeds.Create(_manifest, _reference, batch);
        using var options = new RunOptions();
        using var expected = _reference.Run(options, feeds.Values, _reference.OutputNames);
        using var actual = _export.Run(options, feeds.Values, _reference.OutputNames);
        for (var i = 0; i < _sums.Length; i++) Add(_sums[i], expected[i], actual[i]);
        if (_neighborsMatter) CompareAlone(batch, [.. actual.Select(Numbers)]);
    }

    // Texts may differ in length: what one of them lacks is 0, as it is past the end of a shorter text among longer ones.
    private static void Add(Sums sums, OrtValue expected, OrtValue actual)
    {
        long[] first = expected.GetTensorTypeAndShape().Shape, second = actual.GetTensorTypeAndShape().Shape;
        long[] shape = [.. first.Zip(second, Math.Max)];
        sums.Add(Padded(Numbers(expected), first, shape), Padded(Numbers(actual), second, shape));
    }

    private static double[] Padded(double[] values, long[] shape, long[] target)
    {
        if (shape.SequenceEqual(target)) return values;
        var padded = new double[target.Aggregate(1L, (product, size) => product * size)];
        for (long i = 0; i < values.Length; i++)
        {
            long at = 0, rest = i, stride = 1;
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                at += rest % shape[axis] * stride;
                (rest, stride) = (rest / shape[axis], stride * target[axis]);
            }
            padded[at] = values[i];
        }
        return padded;
    }

    // Each row by itself beside the same row among all others.
    private void CompareAlone(ScoringBatch batch, double[][] together)
    {
        using var options = new RunOptions();
        using var single = new ScoringBatch(_manifest, 1);
        for (var row = 0; row < batch.Rows && _alone < MostAlone; row++, _alone++)
        {
            single.Clear();
            single.Copy(batch, row);
            using var feeds = ExportFeeds.Create(_manifest, _export, single);
            using var alone = _export.Run(options, feeds.Values, _reference.OutputNames);
            for (var i = 0; i < _sums.Length; i++)
            {
                if (alone[i].GetTensorTypeAndShape().ElementDataType is not (TensorElementType.Float or TensorElementType.Double)) continue;
                var numbers = Numbers(alone[i]);
                // Answers at every step are padded to the longest row's.
                var size = together[i].Length / batch.Rows;
                if (numbers.Length <= size) _sums[i].AddGreatest(together[i].AsSpan(row * size, numbers.Length), numbers);
            }
        }
    }

    private static double[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Bool => Array.ConvertAll(value.GetTensorDataAsSpan<bool>().ToArray(), flag => flag ? 1d : 0),
        TensorElementType.Int64 => Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), number => (double)number),
        TensorElementType.Double => value.GetTensorDataAsSpan<double>().ToArray(),
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

        /// <summary>Lets the greatest error be no less than these differences.</summary>
        public void AddGreatest(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
        {
            for (var i = 0; i < expected.Length; i++)
                if (!expected[i].Equals(actual[i])) _greatest = Math.Max(_greatest, Math.Abs(expected[i] - actual[i]));
        }

        public OnnxOutputError ToError(string name) =>
            new(name)
            {
                MaximumAbsoluteError = _greatest, MeanAbsoluteError = _error / _count, MeanAbsoluteValue = _magnitude / _count,
                Agreement = (double)_equal / _count
            };
    }
}
