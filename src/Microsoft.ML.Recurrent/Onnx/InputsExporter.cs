using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>Writes the preprocessing of raw columns, as in <see cref="NetworkInputs"/>.</summary>
internal sealed partial class InputsExporter(OnnxGraphBuilder graph, Network network, ModelManifest manifest, WeightWriter weights)
{
    private readonly NetworkDescription _description = network.Description;
    private readonly OriginsExporter _origins = new(graph, manifest, network.Description.AllowsMissing);

    /// <summary>The mean and scale of the features; null without standardization.</summary>
    public string? Mean { get; } = network.Description is { Standardize: true, Features: > 0 } ? weights.Write("input.mean") : null;

    /// <inheritdoc cref="Mean"/>
    public string? Scale { get; } = network.Description is { Standardize: true, Features: > 0 } ? weights.Write("input.scale") : null;

    /// <summary>The level subtracted from each window, [batch, features]; null for none.</summary>
    public string? Level { get; private set; }

    /// <summary>The scale that divides each window.</summary>
    public string? Spread { get; private set; }

    /// <summary>The normalized window, [time, batch, features]; null for tokens.</summary>
    public string? Window { get; private set; }

    /// <summary>What was subtracted from the numbers of the first input, double, as [batch or 1, 1, features]; null for nothing.</summary>
    public string? Origin => _origins.Find(manifest.Inputs[0]);

    /// <summary>The input token ids, [batch, time]; null for numbers.</summary>
    public string? Tokens { get; private set; }

    /// <summary>
    /// NaN for a row without an output (one of its numbers is NaN or infinite, or it has no steps), 0 for all others, [batch, 1]; null if none can
    /// occur. Complete once all inputs are written.
    /// </summary>
    public string? Unanswered { get; private set; }

    /// <summary>The input sequence of the first layer, time first.</summary>
    public Flow Sequence()
    {
        if (_description.Vocabulary > 0)
        {
            if (manifest.HasLengths && _description.Features == 0) AddUnanswered(OfSteps(null));
            return Words(manifest.Inputs.First(input => input.IsSequence));
        }
        var lengths = manifest.HasLengths ? graph.Cast(ModelManifest.LengthInput, OnnxType.Int32) : "";
        // Batch first outside, time first inside.
        var x = WithoutInfinite(graph.Transpose(graph.Concat(2, Names(InputKind.Sequence)), 1, 0, 2));
        var flow = new Flow(graph, x, _description.Features, lengths);
        AddUnanswered(flow);
        x = Logged(x);
        if (Mean is not null) x = graph.Divide(graph.Subtract(x, Mean), Scale!);
        flow.Sequence(x, _description.Features);
        var scaling = _description.SeriesScaling;
        (Level, Spread) = WindowExporter.Normalize(flow, _description.WindowNormalization, _description.UnscaledFeatures, _description.AllowsMissing,
            scaling is not null && SeriesScaling.HasLevel(_description.WindowNormalization) ? OfSeries(SeriesScaling.LevelName) : null,
            scaling is null ? null : OfSeries(SeriesScaling.ScaleName), _description.RunningScale);
        var missing = _description.AllowsMissing ? graph.Node("IsNaN", [flow.Tensor]) : null;
        var normalized = flow.Tensor;
        Window = Whole(normalized);
        if (_description.CarriesState) return Carried(flow, normalized);
        var differences = _description.WindowNormalization is WindowNormalization.Difference ? Differences(normalized) : null;
        var running = _description.RunningScale ? RunningScale(differences!) : null;
        flow.Sequence(differences is null ? Window : Whole(running is null ? differences : graph.Divide(differences, running)), flow.Features);
        var vectors = Vectors(InputKind.Sequence, place => place is not CategoryPlace.Static).Select(batchFirst => graph.Transpose(batchFirst, 1, 0, 2))
            .ToArray();
        string[] lagged = [.. _description.Lags.Select(lag => _description.RelativeLags
            ? Whole(Scaled(Lagged(normalized, lag), _description.LaggedFeatures))
            : Lagged(Window, lag))];
        string[] masks = _description.MasksMissing ? [graph.Cast(missing!, OnnxType.Single)] : [];
        var features = _description.Features - _description.UnscaledFeatures;
        string[] averaged = [.. RelativeAveragesExporter.Export(graph, _description, normalized).Select(distance => Whole(Scaled(distance, features)))];
        if (vectors.Length + lagged.Length + averaged.Length + masks.Length > 0)
            flow.Sequence(graph.Concat(2, [flow.Tensor, .. vectors, .. lagged, .. averaged, .. masks]), _description.SequenceWidth);
        return flow;

        string Scaled(string values, int features) => running is null ? values : graph.Divide(values, graph.Slice(running, 0, features, 2));
    }

    private string Whole(string values) =>
        _description.AllowsMissing ? graph.Where(graph.Node("IsNaN", [values]), graph.Scalar(0f), values) : values;

    // The statistics of the row's series: [batch, features]; [1, features] for a single series.
    private string OfSeries(string table) =>
        manifest.SeriesInput is { } ids ? graph.Squeeze(graph.Gather(weights.Write(table), ids.Name, 0), 1) : weights.Write(table);

    private Flow Words(InputColumn input)
    {
        Tokens = input.Name;
        var (tokens, lengths) = (input.Name, manifest.HasLengths ? ModelManifest.LengthInput : "");
        if (input.StartToken is { } marker)
        {
            tokens = graph.Node("Pad", [tokens, graph.Constant(0L, 1L, 0L, 0L), graph.Scalar((long)marker)]);
            if (manifest.HasLengths) lengths = graph.Add(lengths, graph.Constant(1L));
        }
        return new(graph, graph.Transpose(tokens, 1, 0), 0, manifest.HasLengths ? graph.Cast(lengths, OnnxType.Int32) : "");
    }

    /// <summary>What joins the vectors of the tokens, [time, batch, WidthBesideTokens]; null for none.</summary>
    /// <param name="lengths">The length of each row, as in <see cref="Flow.Lengths"/>.</param>
    public string? BesideTokens(string lengths)
    {
        if (_description.WidthBesideTokens == 0) return null;
        List<string> parts = [];
        if (_description.Features > 0)
        {
            var x = graph.Transpose(graph.Concat(2, Names(InputKind.Sequence)), 1, 0, 2);
            AddUnanswered(new Flow(graph, x, _description.Features, lengths));
            parts.Add(Mean is null ? x : graph.Divide(graph.Subtract(x, Mean), Scale!));
        }
        parts.AddRange(Vectors(InputKind.Sequence, place => place is not CategoryPlace.Static).Select(batchFirst => graph.Transpose(batchFirst, 1, 0, 2)));
        return graph.Concat(2, [.. parts]);
    }

    /// <summary>The static features, [batch, StaticWidth]; null for none.</summary>
    public string? Statics()
    {
        List<string> parts = [];
        if (_description.Statics > 0)
        {
            var values = WithoutInfinite(graph.Concat(1, Names(InputKind.Static)));
            if (!_description.AllowsMissing) AddUnanswered(graph.ReduceSum(Zeros(values), 1, keep: true));
            parts.Add(Standardized(values, "static"));
        }
        parts.AddRange(Vectors(InputKind.Static, place => place is CategoryPlace.Static).Select(vectors => graph.Squeeze(vectors, 1)));
        return parts.Count == 0 ? null : graph.Concat(1, [.. parts]);
    }

    /// <summary>The future covariates of each forecast step, [batch, horizon, FutureWidth]; null for none.</summary>
    public string? Future()
    {
        List<string> parts = [];
        var values = _description.FutureFeatures > 0 ? WithoutInfinite(graph.Concat(2, Names(InputKind.Future))) : null;
        if (values is not null)
        {
            if (!_description.AllowsMissing) AddUnanswered(graph.ReduceSum(SumOfFeatures(Zeros(values), _description.FutureFeatures), 1));
            parts.Add(Standardized(values, "future"));
        }
        parts.AddRange(Vectors(InputKind.Future, place => place is CategoryPlace.Future));
        parts.AddRange(_description.Lags.Select(LaggedAhead));
        if (_description.FutureMasks is > 0 and var masks)
            parts.Add(graph.Cast(graph.Node("IsNaN", [masks == _description.FutureFeatures ? values! : graph.Slice(values!, 0, masks, 2)]), OnnxType.Single));
        return parts.Count == 0 ? null : graph.Concat(2, [.. parts]);
    }

    /// <summary>The inputs of a dynamic regression, [batch, steps, n], as in <see cref="NetworkInputs.Covariates"/>.</summary>
    /// <param name="future">The output of <see cref="Future"/>.</param>
    public string Covariates(string future)
    {
        if (_description.DynamicRegression is not { ReadsWindow: true }) return future;
        List<string> parts = [];
        var features = _description.Features;
        if (_description.FutureFeatures > 0) parts.Add(graph.Transpose(graph.Slice(Window!, features - _description.FutureFeatures, features, 2), 1, 0, 2));
        parts.AddRange(manifest.Inputs.Where(input => input.Kind is InputKind.Sequence && input is { IsCategory: true, IsSeries: false })
            .Zip(_description.Categories.Where(category => category.Place is not CategoryPlace.Static))
            .Where(pair => pair.Second.Place is CategoryPlace.Future)
            .Select(pair => graph.Gather(weights.Write(pair.Second.Name + ".weight"), pair.First.Name, 0)));
        var ahead = _description.CovariateWidth == _description.FutureWidth ? future : graph.Slice(future, 0, _description.CovariateWidth, 2);
        return graph.Concat(1, graph.Concat(2, [.. parts]), ahead);
    }

    // The runtime's activations make a number of NaN (ONNX Runtime clamps their operand), so the layers do not carry it to the answers: 0 times the raw inputs,
    // which is NaN for NaN and for infinities, is summed up here, and NetworkExporter adds it to the answers.
    private void AddUnanswered(Flow flow)
    {
        var zero = _description.AllowsMissing ? null : Zeros(flow.Tensor);
        if (!manifest.HasLengths)
        {
            if (zero is not null) AddUnanswered(flow.SumOfSteps(SumOfFeatures(zero, _description.Features)));
            return;
        }
        // A mask [time, batch] of its own takes fewer nodes than the layers' [time, batch, 1]: where one short row is scored, each counts.
        if (zero is not null)
        {
            var steps = graph.Reshape(graph.Node("Range", [graph.Scalar(0L), graph.Size(zero, 0), graph.Scalar(1L)]), -1, 1);
            zero = graph.Where(graph.Less(steps, ModelManifest.LengthInput), graph.ReduceSum(zero, 2), graph.Scalar(0f));
        }
        AddUnanswered(OfSteps(zero is null ? null : graph.ReduceSum(zero, 0)));
    }

    private void AddUnanswered(string zero) => Unanswered = Unanswered is null ? zero : graph.Add(Unanswered, zero);

    // 0 / 0 for a row without steps; [batch] to [batch, 1].
    private string OfSteps(string? zero)
    {
        var steps = graph.Cast(ModelManifest.LengthInput, OnnxType.Single);
        return graph.Reshape(graph.Divide(zero ?? Zeros(steps), steps), -1, 1);
    }

    private string Zeros(string x) => graph.Multiply(x, graph.Scalar(0f));

    private string SumOfFeatures(string x, int features) => features == 1 ? x : graph.ReduceSum(x, 2, keep: true);

    // Where numbers may be missing an infinite one counts as missing, as in a pipeline: x + 0 x is NaN for it, and x for all others.
    private string WithoutInfinite(string x) => _description.AllowsMissing ? graph.Add(x, Zeros(x)) : x;

    // Logarithms of the first features; NaN for nonpositive values.
    private string Logged(string x)
    {
        if (_description.Transform is TargetTransform.None) return x;
        var (count, all) = (_description.TransformedFeatures, _description.Features);
        var values = graph.Slice(x, 0, count, 2);
        if (_description.Transform is TargetTransform.Log1p) values = graph.Add(values, 1f);
        values = graph.Node("Log", [graph.Where(graph.Greater(values, 0f), values, -1f)]);
        return count == all ? values : graph.Concat(2, values, graph.Slice(x, count, all, 2));
    }

    private string Differences(string x)
    {
        var (scaled, all) = (_description.Features - _description.UnscaledFeatures, _description.Features);
        var values = scaled == all ? x : graph.Slice(x, 0, scaled, 2);
        var first = graph.Slice(values, 0, 1, 0);
        var steps = graph.Subtract(graph.Slice(values, 1, long.MaxValue, 0), graph.Slice(values, 0, -1, 0));
        // Zeros, whatever the first step holds.
        steps = graph.Concat(0, graph.Where(graph.Less(first, first), first, 0f), steps);
        return scaled == all ? steps : graph.Concat(2, steps, graph.Slice(x, scaled, all, 2));
    }

    // The root mean square of the differences up to each step; 1 for the features that are not scaled.
    private string RunningScale(string differences)
    {
        var (scaled, all, time) = (_description.Features - _description.UnscaledFeatures, _description.Features, _description.Time!.Value);
        var values = scaled == all ? differences : graph.Slice(differences, 0, scaled, 2);
        var axis = graph.Scalar(0L);
        // The first step has no difference.
        var there = graph.Reshape(graph.Constant([.. Enumerable.Range(0, time).Select(step => (float)Math.Min(step, 1))]), time, 1, 1);
        if (_description.AllowsMissing)
        {
            var missing = graph.Node("IsNaN", [values]);
            there = graph.Multiply(graph.Cast(graph.Node("Not", [missing]), OnnxType.Single), there);
            values = graph.Where(missing, graph.Scalar(0f), values);
        }
        var mean = graph.Divide(graph.Node("CumSum", [graph.Multiply(values, values), axis]), graph.Maximum(graph.Node("CumSum", [there, axis]), 1f));
        var scale = graph.Add(graph.Sqrt(mean), InputNormalization.Epsilon);
        if (scaled == all) return scale;
        var others = graph.Slice(scale, 0, 1, 2);
        return graph.Concat(2, [scale, .. Enumerable.Repeat(graph.Add(graph.Multiply(others, 0f), 1f), all - scaled)]);
    }

    // The window shifted by a lag, relative to itself if so described, zero-padded at the start: [time, batch, features].
    private string Lagged(string window, int lag)
    {
        var values = graph.Slice(window, 0, _description.LaggedFeatures, 2);
        var before = graph.Slice(values, 0, -lag, 0);
        if (_description.RelativeLags) before = graph.Subtract(before, graph.Slice(values, lag, long.MaxValue, 0));
        // 0 times the first steps, which may be missing.
        return graph.Concat(0, graph.Multiply(graph.Slice(values, 0, lag, 0), 0f), before);
    }

    // [batch, horizon, features].
    private string LaggedAhead(int lag)
    {
        long[] steps = [.. Enumerable.Range(0, _description.Horizon).Select(step => (long)LaggedInputs.StepBefore(_description.Time!.Value, lag, step))];
        return graph.Transpose(graph.Gather(graph.Slice(Window!, 0, _description.LaggedFeatures, 2), graph.Constant(steps), 0), 1, 0, 2);
    }

    private string Standardized(string x, string name)
    {
        if (_description.Standardize) x = graph.Divide(graph.Subtract(x, weights.Write(name + ".mean")), weights.Write(name + ".scale"));
        return _description.AllowsMissing ? graph.Where(graph.Node("IsNaN", [x]), graph.Scalar(0f), x) : x;
    }

    // The manifest lists the categories of each kind in the order of the network.
    private IEnumerable<string> Vectors(InputKind kind, Func<CategoryPlace, bool> isThere) =>
        manifest.Inputs.Where(input => input.Kind == kind && input is { IsCategory: true, IsSeries: false })
            .Concat(kind is InputKind.Sequence ? manifest.TokensBeside : [])
            .Zip(_description.Categories.Where(category => isThere(category.Place)),
            (input, category) => graph.Gather(weights.Write(category.Name + ".weight"), input.Name, 0));

    private string[] Names(InputKind kind) => [.. manifest.Inputs.Where(input => input.Kind == kind && !input.IsCategory).Select(Numbers)];

    // Single: what is more than that is Double and a level is subtracted first.
    private string Numbers(InputColumn input) =>
        _origins.Find(input) is { } origin ? graph.Cast(graph.Subtract(input.Name, origin), OnnxType.Single) : input.Name;
}
