using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// Normalizes the features of each window by its level and scale, optionally without the last features. Missing values (NaN) are ignored and stay missing. If
/// the row's series has its own statistics (<see cref="SeriesScaling"/>), these replace those of the window.
/// </summary>
internal static class WindowExporter
{
    /// <param name="flow">The sequence.</param>
    /// <param name="normalization">The window normalization.</param>
    /// <param name="unscaled">The number of last features that are not normalized.</param>
    /// <param name="allowsMissing">Whether values may be missing.</param>
    /// <param name="seriesLevel">The levels of the rows' series, [batch, features] or [1, features]; null to use the levels of the windows.</param>
    /// <param name="seriesScale">The scales of the rows' series, 0 for none; null to use the scales of the windows.</param>
    /// <param name="scaled">Whether a normalization by the last value has the scale of the window.</param>
    public static (string? Level, string? Scale) Normalize(Flow flow, WindowNormalization normalization, int unscaled, bool allowsMissing,
        string? seriesLevel = null, string? seriesScale = null, bool scaled = false)
    {
        if (normalization is WindowNormalization.None) return (null, null);
        var graph = flow.Graph;
        var statistics = allowsMissing ? new MissingStatistics(graph, flow.Tensor) : null;
        var known = seriesScale is null ? null : graph.Greater(seriesScale, 0f);
        switch (normalization)
        {
            case WindowNormalization.LastValue or WindowNormalization.Difference:
                var last = Scaled(statistics?.Last() ?? flow.LastStep(), 0);
                if (known is not null || scaled)
                {
                    var beside = Scaled(OfSeries(seriesScale, Deviation(Centered(statistics?.Mean(flow.Tensor) ?? flow.MeanOfSteps(flow.Tensor)))), 1);
                    Replace(graph.Divide(graph.Subtract(flow.Tensor, last), beside));
                    return (last, beside);
                }
                Replace(graph.Subtract(flow.Tensor, last));
                return (last, null);
            case WindowNormalization.Standard:
                var mean = Scaled(statistics?.Mean(flow.Tensor) ?? flow.MeanOfSteps(flow.Tensor), 0);
                var centered = Centered(mean);
                var scale = Scaled(OfSeries(seriesScale, Deviation(centered)), 1);
                if (known is not null) (mean, centered) = OfSeriesLevel(mean);
                Replace(graph.Divide(centered, scale));
                return (mean, scale);
            case WindowNormalization.Mean:
                var size = statistics?.Mean(graph.Node("Abs", [flow.Tensor])) ?? flow.MeanOfSteps(graph.Node("Abs", [flow.Tensor]));
                size = graph.Add(size, InputNormalization.Epsilon);
                if (statistics is not null) size = graph.Where(statistics.Nothing, graph.Scalar(1f), size);
                size = Scaled(OfSeries(seriesScale, size), 1);
                Replace(graph.Divide(flow.Tensor, size));
                return (graph.Multiply(size, 0f), size);
            case WindowNormalization.Robust:
                statistics ??= new MissingStatistics(graph, flow.Tensor);
                var median = Scaled(statistics.Quantile(0.5f), 0);
                var range = graph.Subtract(statistics.Quantile(0.75f), statistics.Quantile(0.25f));
                var spread = graph.Where(graph.Greater(range, 0f), graph.Divide(range, graph.Scalar(InputNormalization.NormalQuartiles)),
                    statistics.Deviation());
                spread = graph.Add(spread, InputNormalization.Epsilon);
                spread = Scaled(OfSeries(seriesScale, graph.Where(statistics.Nothing, graph.Scalar(1f), spread)), 1);
                (median, var around) = OfSeriesLevel(median);
                Replace(graph.Divide(around, spread));
                return (median, spread);
            default:
                throw new NotSupportedException($"The window normalization {normalization} cannot be exported to ONNX.");
        }

        string Centered(string mean) => graph.Subtract(flow.Tensor, mean);

        string Deviation(string centered)
        {
            var squares = graph.Multiply(centered, centered);
            var deviation = graph.Add(graph.Sqrt(statistics?.Mean(squares) ?? flow.MeanOfSteps(squares)), InputNormalization.Epsilon);
            return statistics is null ? deviation : graph.Where(statistics.Nothing, graph.Scalar(1f), deviation);
        }

        string OfSeries(string? series, string window) => known is null ? window : graph.Where(known, series!, window);

        (string Level, string Centered) OfSeriesLevel(string window)
        {
            var level = known is null ? window : Scaled(graph.Where(known, seriesLevel!, window), 0);
            return (level, Centered(level));
        }

        // Features that are not normalized have a level of 0 and a scale of 1.
        string Scaled(string figure, float neutral)
        {
            if (unscaled == 0) return figure;
            var kept = graph.Slice(figure, 0, flow.Features - unscaled, 1);
            var others = graph.Multiply(graph.Slice(figure, flow.Features - unscaled, flow.Features, 1), 0f);
            return graph.Concat(1, kept, neutral == 0 ? others : graph.Add(others, neutral));
        }

        // Steps past the length of a row become 0, as in the network.
        void Replace(string x) => flow.Sequence(flow.HasLengths ? graph.Where(flow.Mask, x, 0f) : x, flow.Features);
    }

    /// <summary>Statistics of the non-missing values of a sequence [time, batch, features] of fixed length.</summary>
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

        /// <summary>Whether all values are missing, bool [batch, features].</summary>
        public string Nothing { get; }

        /// <summary>The mean of values where x is not missing; 0 if all are missing.</summary>
        public string Mean(string values) =>
            _graph.Divide(_graph.ReduceSum(_graph.Where(_missing, _graph.Scalar(0f), values), 0), _graph.Maximum(_count, 1f));

        /// <summary>The standard deviation of x.</summary>
        public string Deviation()
        {
            var centered = _graph.Subtract(_x, Mean(_x));
            return _graph.Sqrt(Mean(_graph.Multiply(centered, centered)));
        }

        /// <summary>A quantile of x with linear interpolation; 0 if all are missing.</summary>
        public string Quantile(float level)
        {
            // Missing values are sorted last.
            _sorted ??= _graph.Nodes("TopK", [_graph.Where(_missing, _graph.Scalar(float.MaxValue), _x), _graph.Slice(_graph.Node("Shape", [_x]), 0, 1, 0)], 2,
                ("axis", 0L), ("largest", 0L), ("sorted", 1L))[0];
            var last = _graph.Maximum(_graph.Subtract(_count, 1f), 0f);
            var place = _graph.Multiply(last, level);
            var below = _graph.Node("Floor", [place]);
            var above = _graph.Minimum(_graph.Add(below, 1f), last);
            var low = At(below);
            var value = _graph.Add(low, _graph.Multiply(_graph.Subtract(place, below), _graph.Subtract(At(above), low)));
            return _graph.Where(Nothing, _graph.Scalar(0f), value);

            string At(string index) =>
                _graph.Squeeze(_graph.Node("GatherElements", [_sorted!, _graph.Unsqueeze(_graph.Cast(index, OnnxType.Int64), 0)], ("axis", 0L)), 0);
        }

        /// <summary>The last non-missing value; 0 if all are missing.</summary>
        public string Last()
        {
            // Step numbers from 1; the largest non-missing one is the last.
            var steps = _graph.Add(_graph.Cast(_graph.Reshape(_graph.Indices(_x, 0), -1, 1, 1), OnnxType.Single), 1f);
            var there = _graph.Multiply(_there, steps);
            var isLast = _graph.Node("And",
                [_graph.Node("Equal", [there, _graph.ReduceMax(there, 0, keep: true)]), _graph.Greater(there, 0.5f)]);
            return _graph.ReduceSum(_graph.Where(isLast, _x, 0f), 0);
        }
    }
}
