using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Explanations;

/// <summary>
/// Integrated gradients (Sundararajan et al. 2017): the gradients of a score on the straight path from a baseline to the row, times the row's distance from
/// the baseline. They add up to the difference of the two scores; so do those of each part of the path, which tells where it has to be cut more finely. For
/// one thread at a time.
/// </summary>
/// <param name="model">The network, with parameters that need no gradients, and what is explained.</param>
internal sealed class StepExplainer(ExplainedModel model) : IDisposable
{
    /// <summary>Points of each part of the path.</summary>
    public const int PointsInPart = 8;

    private const int PartsAtOnce = 8, MostParts = 512;

    // Of the difference of the scores; of what Single can tell apart.
    private const double Tolerance = 0.005, Precision = 1e-5;

    private static readonly (double[] Points, double[] Weights) s_quadrature = GaussLegendre.Create(PointsInPart);

    // The layers' part of the scores; that of a path over n-grams is the rest.
    private readonly float _share = model.Network.Ngrams?.Shares.Value[0] ?? 1, _shareOfNgrams = model.Network.Ngrams?.Shares.Value[1] ?? 0;
    private readonly Tape _tape = new();
    private readonly SequenceBatch _batch = new();
    private float[] _input = [], _baseline = [];
    private Tensor _given = null!;
    private int _step;

    /// <summary>The score of the explained row.</summary>
    public float Score { get; private set; }

    /// <summary>The score of its baseline.</summary>
    public float BaselineScore { get; private set; }

    /// <summary>The contributions, [steps, features of the layers' input].</summary>
    public float[] Contributions { get; private set; } = [];

    /// <summary>Explains a row.</summary>
    /// <param name="row">A batch with the one row.</param>
    public void Explain(ScoringBatch row)
    {
        _input = Embed(row, null);
        _baseline = Embed(row, model.Means);
        Contributions = new float[_input.Length];
        var time = row.Time(0);
        _step = model.Step is not { } given ? 0 : given < 0 ? time + given : given;
        if (_step < 0 || _step >= time || !_input.All(float.IsFinite))
        {
            (Score, BaselineScore) = (float.NaN, float.NaN);
            Array.Fill(Contributions, float.NaN);
            return;
        }
        // The class of the row's own answer is explained, if none is given.
        var first = Outputs(row, 0);
        var last = Outputs(row, 1);
        List<float> ngrams = OfNgrams(row), scores = [.. last.Zip(ngrams, (a, b) => _share * a + b)];
        var output = model.Class ?? scores.IndexOf(scores.Max());
        var (parts, marks) = Ngrams(row, output);
        var baseline = (float)(_share * first[output] + marks);
        (Score, BaselineScore) = (scores[output] * model.Scale + model.Offset, baseline * model.Scale + model.Offset);
        // What the layers add may be much more than the difference, if the n-grams take it back.
        var sums = Integrate(row, output, Math.Min(Math.Abs(last[output] - first[output]), Math.Abs(scores[output] - baseline) / _share));
        for (var i = 0; i < sums.Length; i++) sums[i] = _share * sums[i] + (i % (sums.Length / time) == 0 ? parts[i / (sums.Length / time)] : 0);
        for (var i = 0; i < sums.Length; i++) Contributions[i] = (float)(sums[i] * model.Scale);
    }

    public void Dispose()
    {
        _tape.Dispose();
        _batch.Dispose();
    }

    // What the path over n-grams adds to the outputs.
    private List<float> OfNgrams(ScoringBatch row)
    {
        if (model.Network.Ngrams is not { } path) return [.. new float[model.Network.Description.Outputs]];
        _tape.Recording = false;
        RowBatches.Fill(row, _batch, 1);
        List<float> outputs = [.. path.Forward(_tape, _batch).Span];
        for (var i = 0; i < outputs.Count; i++) outputs[i] *= _shareOfNgrams;
        _tape.Reset();
        return outputs;
    }

    // What the n-grams add to an output by the tokens in them, and what those of the marks alone do, which belongs to the baseline.
    private (double[] Steps, double Marks) Ngrams(ScoringBatch row, int output)
    {
        RowBatches.Fill(row, _batch, 1);
        var steps = new double[_batch.Time];
        if (model.Network.Ngrams is not { } path) return (steps, 0);
        var marks = path.Attribute(_batch, 0, output, steps);
        for (var step = 0; step < steps.Length; step++) steps[step] *= _shareOfNgrams;
        return (steps, marks * _shareOfNgrams);
    }

    private double[] Integrate(ScoringBatch row, int output, double difference)
    {
        var count = Math.Max(1, model.Points / PointsInPart);
        List<Part> parts = [], fresh = [.. Enumerable.Range(0, count).Select(i => new Part((double)i / count, (i + 1.0) / count))];
        while (true)
        {
            foreach (var some in fresh.Chunk(PartsAtOnce)) Integrate(row, output, some);
            parts.AddRange(fresh);
            double[] sums = [.. Enumerable.Range(0, _input.Length).Select(i => parts.Sum(part => part.Sums[i]))];
            var allowed = Math.Max(Tolerance * difference, Precision * sums.Sum(Math.Abs));
            if (parts.Sum(part => part.Error) <= allowed || parts.Count >= MostParts) return sums;
            // Where the gradient jumps, the parts beside the jump are as good as the rest: only the worst are halved.
            Part[] worst = [.. parts.Where(part => part.Error > allowed / (2 * parts.Count)).OrderByDescending(part => part.Error).Take(PartsAtOnce / 2)];
            parts.RemoveAll(worst.Contains);
            fresh = [.. worst.SelectMany(part => part.Halves())];
        }
    }

    // The integrals of parts of the path, and their scores' differences.
    private void Integrate(ScoringBatch row, int output, Part[] parts)
    {
        const int each = PointsInPart + 2;
        _tape.Recording = true;
        var values = Forward(row, [.. parts.SelectMany(part => s_quadrature.Points.Select(part.At).Append(part.From).Append(part.To))]);
        var gradient = Tape.GradientOf(values)!;
        for (var i = 0; i < parts.Length; i++)
        {
            for (var j = 0; j < PointsInPart; j++) Of(values, gradient.Span, i * each + j)[output] = (float)s_quadrature.Weights[j];
            parts[i].Difference = (double)Of(values, values.Span, i * each + PointsInPart + 1)[output]
                - Of(values, values.Span, i * each + PointsInPart)[output];
        }
        _tape.Backward();
        var found = _given.Gradient!.Span;
        var (rows, width) = (parts.Length * each, _input.Length / _batch.Time);
        for (var i = 0; i < parts.Length; i++)
        {
            var sums = parts[i].Sums = new double[_input.Length];
            for (var j = 0; j < sums.Length; j++)
            {
                for (var one = 0; one < PointsInPart; one++) sums[j] += found[(j / width * rows + i * each + one) * width + j % width];
                sums[j] *= (parts[i].To - parts[i].From) * (_input[j] - _baseline[j]);
            }
        }
        _tape.Reset();
    }

    private float[] Embed(ScoringBatch row, float[]? baseline)
    {
        _tape.Recording = false;
        RowBatches.Fill(row, _batch, 1, baseline);
        float[] values = [.. model.Network.Embed(_tape, _batch).Span];
        _tape.Reset();
        return values;
    }

    private List<float> Outputs(ScoringBatch row, double place)
    {
        _tape.Recording = false;
        var values = Forward(row, [place]);
        List<float> outputs = [.. Of(values, values.Span, 0)];
        _tape.Reset();
        return outputs;
    }

    // The network's outputs at places of the path, one a row.
    private Tensor Forward(ScoringBatch row, double[] places)
    {
        RowBatches.Fill(row, _batch, places.Length);
        var width = _input.Length / _batch.Time;
        _given = _tape.Rent(new Shape(_batch.Time, places.Length, width));
        for (var i = 0; i < _input.Length; i++)
        {
            for (var one = 0; one < places.Length; one++)
                _given.Span[(i / width * places.Length + one) * width + i % width] = (float)(_baseline[i] + places[one] * (_input[i] - _baseline[i]));
        }
        _given.RequiresGradient = true;
        return model.Network.Forward(_tape, _batch, new() { Inputs = _given }).Values;
    }

    // The row's own of [rows, outputs], or of [time, rows, outputs] those of the step.
    private Span<float> Of(Tensor output, Span<float> values, int row)
    {
        var width = output.Shape.Columns;
        return values.Slice(((model.Step is null ? 0 : _step * _batch.Rows) + row) * width, width);
    }

    private sealed class Part(double from, double to)
    {
        public double From => from;

        public double To => to;

        /// <summary>The integral of each number's gradient, times its distance.</summary>
        public double[] Sums { get; set; } = [];

        /// <summary>The difference of the scores at both ends.</summary>
        public double Difference { get; set; }

        public double Error => Math.Abs(Sums.Sum() - Difference);

        public double At(double share) => from + share * (to - from);

        public Part[] Halves() => [new(from, At(0.5)), new(At(0.5), to)];
    }
}
