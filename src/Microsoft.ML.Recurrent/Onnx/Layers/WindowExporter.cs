using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// Takes each window's level and scale out of its features, the last ones left out where that is asked for. What is missing (NaN) counts for nothing and stays
/// missing. Where the row's series has figures of its own (<see cref="SeriesScaling"/>), they take the window's place.
/// </summary>
internal static class WindowExporter
{
    /// <param name="flow">The sequence.</param>
    /// <param name="normalization">What is taken out.</param>
    /// <param name="unscaled">The last features, which stay as they are.</param>
    /// <param name="allowsMissing">Whether numbers may be missing.</param>
    /// <param name="seriesLevel">Of the rows' series, [batch, features] or [1, features]; null where levels are the windows'.</param>
    /// <param name="seriesScale">The same of scales, 0 for none; null where all are the windows'.</param>
    public static (string? Level, string? Scale) Normalize(Flow flow, WindowNormalization normalization, int unscaled, bool allowsMissing,
        string? seriesLevel = null, string? seriesScale = null)
    {
        if (normalization is WindowNormalization.None) return (null, null);
        var graph = flow.Graph;
        var figures = allowsMissing ? new MissingStatistics(graph, flow.Tensor) : null;
        string? known = seriesScale is null ? null : graph.Greater(seriesScale, 0f);
        switch (normalization)
        {
            case WindowNormalization.LastValue or WindowNormalization.Difference:
                string last = Scaled(figures?.Last() ?? flow.LastStep(), 0);
                if (known is not null)
                {
                    string beside = Scaled(OfSeries(seriesScale!, Deviation(Centered(figures?.Mean(flow.Tensor) ?? flow.MeanOfSteps(flow.Tensor)))), 1);
                    Replace(graph.Divide(graph.Subtract(flow.Tensor, last), beside));
                    return (last, beside);
                }
                Replace(graph.Subtract(flow.Tensor, last));
                return (last, null);
            case WindowNormalization.Standard:
                string mean = Scaled(figures?.Mean(flow.Tensor) ?? flow.MeanOfSteps(flow.Tensor), 0);
                string centered = Centered(mean);
                string scale = Scaled(OfSeries(seriesScale, Deviation(centered)), 1);
                if (known is not null) (mean, centered) = OfSeriesLevel(mean);
                Replace(graph.Divide(centered, scale));
                return (mean, scale);
            case WindowNormalization.Mean:
                string size = figures?.Mean(graph.Node("Abs", [flow.Tensor])) ?? flow.MeanOfSteps(graph.Node("Abs", [flow.Tensor]));
                size = graph.Add(size, InputNormalization.Epsilon);
                if (figures is not null) size = graph.Where(figures.Nothing, graph.Scalar(1f), size);
                size = Scaled(OfSeries(seriesScale, size), 1);
                Replace(graph.Divide(flow.Tensor, size));
                return (graph.Multiply(size, 0f), size);
            case WindowNormalization.Robust:
                figures ??= new MissingStatistics(graph, flow.Tensor);
                string median = Scaled(figures.Quantile(0.5f), 0);
                string range = graph.Subtract(figures.Quantile(0.75f), figures.Quantile(0.25f));
                string spread = graph.Where(graph.Greater(range, 0f), graph.Divide(range, graph.Scalar(InputNormalization.NormalQuartiles)),
                    figures.Deviation());
                spread = graph.Add(spread, InputNormalization.Epsilon);
                spread = Scaled(OfSeries(seriesScale, graph.Where(figures.Nothing, graph.Scalar(1f), spread)), 1);
                (median, string around) = OfSeriesLevel(median);
                Replace(graph.Divide(around, spread));
                return (median, spread);
            default:
                throw new NotSupportedException($"The window normalization {normalization} has no ONNX form.");
        }

        string Centered(string mean) => graph.Subtract(flow.Tensor, mean);

        string Deviation(string centered)
        {
            string squares = graph.Multiply(centered, centered);
            string deviation = graph.Add(graph.Sqrt(figures?.Mean(squares) ?? flow.MeanOfSteps(squares)), InputNormalization.Epsilon);
            return figures is null ? deviation : graph.Where(figures.Nothing, graph.Scalar(1f), deviation);
        }

        string OfSeries(string? series, string window) => known is null ? window : graph.Where(known, series!, window);

        (string Level, string Centered) OfSeriesLevel(string window)
        {
            string level = known is null ? window : Scaled(graph.Where(known, seriesLevel!, window), 0);
            return (level, Centered(level));
        }

        // The features that stay as they are have a level of 0 and a scale of 1.
        string Scaled(string figure, float neutral)
        {
            if (unscaled == 0) return figure;
            string kept = graph.Slice(figure, 0, flow.Features - unscaled, 1);
            string others = graph.Multiply(graph.Slice(figure, flow.Features - unscaled, flow.Features, 1), 0f);
            return graph.Concat(1, kept, neutral == 0 ? others : graph.Add(others, neutral));
        }

        // Steps past a row's length become 0, as in the network.
        void Replace(string x) => flow.Sequence(flow.HasLengths ? graph.Where(flow.Mask, x, 0f) : x, flow.Features);
    }

    /// <summary>Figures of the numbers that are there, of a sequence [time, batch, features] of fixed length.</summary>
    private sealed class MissingStatistics
    {
        private readonly OnnxGraphBuilder _graph;
        private readonly string _x, _missing, _there, _count;
        private string? _sorted;

        public MissingStatistics(OnnxGraphBuilder graph, string x)
        {
            (_graph, _x) = (graph, x);
            _missing = graph.Node("IsNaN", [x]);
            _there = graph.Cast(graph.Node("Not", [_missing]), OnnxType.Single);
            _count = graph.ReduceSum(_there, 0);
            Nothing = graph.Less(_count, 0.5f);
        }

        /// <summary>Where all is missing, bool [batch, features].</summary>
        public string Nothing { get; }

        /// <summary>The mean of some numbers where x is there; 0 for none.</summary>
        public string Mean(string values) =>
            _graph.Divide(_graph.ReduceSum(_graph.Where(_missing, _graph.Scalar(0f), values), 0), _graph.Maximum(_count, 1f));

        /// <summary>The standard deviation of x.</summary>
        public string Deviation()
        {
            string centered = _graph.Subtract(_x, Mean(_x));
            return _graph.Sqrt(Mean(_graph.Multiply(centered, centered)));
        }

        /// <summary>A quantile of x, linear between neighbours; 0 for none.</summary>
        public string Quantile(float level)
        {
            // What is missing comes last.
            _sorted ??= _graph.Nodes("TopK", [_graph.Where(_missing, _graph.Scalar(float.MaxValue), _x), _graph.Slice(_graph.Node("Shape", [_x]), 0, 1, 0)], 2,
                ("axis", 0L), ("largest", 0L), ("sorted", 1L))[0];
            string last = _graph.Maximum(_graph.Subtract(_count, 1f), 0f);
            string place = _graph.Multiply(last, level);
            string below = _graph.Node("Floor", [place]);
            string above = _graph.Minimum(_graph.Add(below, 1f), last);
            string low = At(below);
            string value = _graph.Add(low, _graph.Multiply(_graph.Subtract(place, below), _graph.Subtract(At(above), low)));
            return _graph.Where(Nothing, _graph.Scalar(0f), value);

            string At(string index) =>
                _graph.Squeeze(_graph.Node("GatherElements", [_sorted!, _graph.Unsqueeze(_graph.Cast(index, OnnxType.Int64), 0)], ("axis", 0L)), 0);
        }

        /// <summary>The last number that is there; 0 for none.</summary>
        public string Last()
        {
            // The steps from 1 on; the greatest one that is there is the last.
            string steps = _graph.Add(_graph.Cast(_graph.Reshape(_graph.Indices(_x, 0), -1, 1, 1), OnnxType.Single), 1f);
            string there = _graph.Multiply(_there, steps);
            string isLast = _graph.Node("And",
                [_graph.Node("Equal", [there, _graph.ReduceMax(there, 0, keep: true)]), _graph.Greater(there, 0.5f)]);
            return _graph.ReduceSum(_graph.Where(isLast, _x, 0f), 0);
        }
    }
}
