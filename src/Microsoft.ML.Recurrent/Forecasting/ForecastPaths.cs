using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The quantile of the distribution of one forecast value at a normal score, in network space.</summary>
internal delegate float ScoreQuantile(int row, int step, double score);

/// <summary>
/// Sample paths of the horizon, drawn from normal scores. For a decoder trained with teacher forcing, by ancestral sampling: each step reads the sample of the
/// previous one (Salinas et al. 2020). Otherwise each step is sampled from its own distribution, and neighboring steps of a target are coupled by a Gaussian
/// copula: a Markov chain of normal scores whose correlations are estimated from residuals on held-out windows.
/// </summary>
internal sealed class ForecastPaths
{
    // The seed of the noise that is part of a model whose paths are not an output.
    private const ulong FixedSeed = 20;

    private readonly ForecastHeadOptions _shape;
    private readonly Parameter? _ties, _noise;

    public ForecastPaths(ForecastHeadOptions shape)
    {
        _shape = shape;
        if (!shape.FeedsDraws) _ties = new("head.step_tie", new(Steps), trainable: false);
        if (shape.HasSamples) return;
        _noise = new("head.noise", new(shape.Paths * Steps), trainable: false);
        // The same evenly spaced scores in a different order at each step (Latin hypercube sampling, McKay et al. 1979): this estimates a standard deviation
        // better than independent draws.
        var random = new RandomStream(FixedSeed, "noise");
        var scores = new float[shape.Paths];
        for (var step = 0; step < Steps; step++)
        {
            for (var path = 0; path < scores.Length; path++) scores[path] = (float)StandardNormal.Quantile((path + 0.5) / scores.Length);
            random.Shuffle<float>(scores);
            for (var path = 0; path < scores.Length; path++) _noise.Value[path * Steps + step] = scores[path];
        }
    }

    /// <summary>Fixed parameters of the model.</summary>
    public IReadOnlyList<Parameter> Parameters => [.. new[] { _ties, _noise }.OfType<Parameter>()];

    private int Steps => _shape.Horizon * _shape.Targets;

    /// <summary>Sets the correlations of neighboring steps, by output; does nothing if paths are drawn step by step.</summary>
    public void Tie(ReadOnlySpan<float> correlations)
    {
        if (_ties is not null && correlations.Length == Steps) correlations.CopyTo(_ties.Value.Span);
    }

    /// <summary>Draws paths: [rows, paths x steps], path by path, in network space.</summary>
    public Tensor Draw(Tape tape, in NetworkOutput output, ScoreQuantile quantile)
    {
        var rows = output.Values.Shape.Rows;
        var scores = tape.Rent(new Shape(rows, _shape.Paths * Steps));
        for (var row = 0; row < rows; row++)
            (_noise is null
                ? Noise(output).Span.Slice(row * scores.Shape.Columns, scores.Shape.Columns)
                : _noise.Value.Span).CopyTo(scores.Span[(row * scores.Shape.Columns)..]);
        if (_shape.FeedsDraws) return output.Draw!(tape, scores);
        for (var i = 0; i < scores.Length; i++)
        {
            var step = i % Steps;
            if (step < _shape.Targets) continue;
            var tie = _ties!.Value[step];
            scores[i] = tie * scores[i - _shape.Targets] + MathF.Sqrt(1 - tie * tie) * scores[i];
        }
        for (var i = 0; i < scores.Length; i++) scores[i] = quantile(i / scores.Shape.Columns, i % Steps, scores[i]);
        return scores;
    }

    /// <summary>Exports the drawing of paths: [batch x paths, steps].</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="output">The output of the network.</param>
    /// <param name="quantile">Exports the quantile at scores [batch x paths, steps], given their batch rows.</param>
    public string Draw(OnnxGraphBuilder graph, OnnxNetworkOutput output, Func<string, string, string> quantile)
    {
        var batch = graph.Size(output.Window!, 1);
        var noise = _noise is null
            ? graph.Reshape(output.Noise ?? throw new InvalidOperationException("The graph has no noise input, which sampling needs."), -1,
                Steps)
            : graph.Reshape(graph.Node("Expand", [graph.Reshape(graph.Parameter(_noise.Name, _noise.Value.Span, _noise.Value.Length), 1, _shape.Paths, Steps),
                graph.Concat(0, graph.Unsqueeze(batch, 0), graph.Constant(1L, 1L))]), -1, Steps);
        return _shape.FeedsDraws ? output.Draw!(noise, _shape.Paths) : quantile(Tied(graph, noise), RowsExporter.Repeated(graph, batch, _shape.Paths));
    }

    /// <summary>The standard deviation of the paths at each step: [rows, steps].</summary>
    public Tensor Deviation(Tape tape, Tensor paths) => Statistic(tape, paths, values =>
    {
        double sum = 0, squares = 0;
        foreach (var value in values) sum += value;
        var mean = sum / values.Length;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        return (float)Math.Sqrt(squares / Math.Max(1, values.Length - 1));
    });

    /// <inheritdoc cref="Deviation(Tape, Tensor)"/>
    public string Deviation(OnnxGraphBuilder graph, string paths)
    {
        var values = graph.Reshape(paths, -1, _shape.Paths, Steps);
        var centered = graph.Subtract(values, graph.ReduceMean(values, 1, keep: true));
        return graph.Node("Sqrt", [graph.Divide(graph.ReduceSum(graph.Multiply(centered, centered), 1), graph.Scalar(Math.Max(1f, _shape.Paths - 1)))]);
    }

    /// <summary>A quantile of the paths at each step, with linear interpolation: [rows, steps].</summary>
    public Tensor Quantile(Tape tape, Tensor paths, double level)
    {
        var (below, share) = Place(level);
        return Statistic(tape, paths, values =>
        {
            values.Sort();
            return values[below] + share * (values[Math.Min(below + 1, values.Length - 1)] - values[below]);
        });
    }

    /// <inheritdoc cref="Quantile(Tape, Tensor, double)"/>
    public string Quantile(OnnxGraphBuilder graph, string paths, double level)
    {
        var (below, share) = Place(level);
        var sorted = graph.Nodes("TopK", [graph.Reshape(paths, -1, _shape.Paths, Steps), graph.Constant((long)_shape.Paths)], 2, ("axis", 1L), ("largest", 0L),
            ("sorted", 1L))[0];
        var low = graph.Gather(sorted, graph.Scalar((long)below), 1);
        var high = graph.Gather(sorted, graph.Scalar((long)Math.Min(below + 1, _shape.Paths - 1)), 1);
        return graph.Add(low, graph.Multiply(graph.Subtract(high, low), graph.Scalar(share)));
    }

    private (int Below, float Share) Place(double level)
    {
        var place = level * (_shape.Paths - 1);
        return ((int)place, (float)(place - (int)place));
    }

    private Tensor Statistic(Tape tape, Tensor paths, PathStatistic figure)
    {
        var (rows, count) = (paths.Shape.Rows, _shape.Paths);
        var result = tape.Rent(new Shape(rows, Steps));
        var values = new float[count];
        for (var i = 0; i < result.Length; i++)
        {
            for (var path = 0; path < count; path++) values[path] = paths[(i / Steps * count + path) * Steps + i % Steps];
            result[i] = figure(values);
        }
        return result;
    }

    // The scores of neighboring steps, one chain per target.
    private string Tied(OnnxGraphBuilder graph, string noise)
    {
        var (horizon, targets) = (_shape.Horizon, _shape.Targets);
        var ties = graph.Parameter(_ties!.Name, _ties.Value.Span, Steps);
        var rest = graph.Node("Sqrt", [graph.Subtract(graph.Scalar(1f), graph.Multiply(ties, ties))]);
        List<string> scores = [graph.Slice(noise, 0, targets, 1)];
        for (var step = 1; step < horizon; step++)
        {
            string Create(string values, int axis) => graph.Slice(values, step * targets, (step + 1) * targets, axis);
            scores.Add(graph.Add(graph.Multiply(scores[^1], Create(ties, 0)), graph.Multiply(Create(noise, 1), Create(rest, 0))));
        }
        return graph.Concat(1, [.. scores]);
    }

    private Tensor Noise(in NetworkOutput output)
    {
        var noise = output.Noise ?? throw new InvalidOperationException("The batch has no noise, which sampling needs.");
        return noise.Shape.Columns == _shape.Paths * Steps
            ? noise
            : throw new InvalidOperationException($"Noise {noise.Shape} does not match {_shape.Paths} paths of {Steps} steps.");
    }

    private delegate float PathStatistic(Span<float> values);
}
