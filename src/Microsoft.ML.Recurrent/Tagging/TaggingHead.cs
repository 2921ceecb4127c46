using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>
/// Tagging head: the network outputs one logit per tag and step and, with classes of whole sequences, one per class. Outputs: PredictedLabel (the keys of the
/// best tags, from 1; 0 past the end of a row), Score (soft-max probabilities; with a conditional random field the logits, its emission scores), and of the
/// sequence the key of the largest logit and the probabilities.
/// </summary>
/// <param name="tags">The number of tags.</param>
/// <param name="classes">The number of classes of whole sequences; 0 for none.</param>
/// <param name="sequenceWeight">The weight of their loss beside that of the tags.</param>
/// <param name="entities">The meaning of the tags; null if they are not tags of entities.</param>
internal sealed class TaggingHead(int tags, int classes = 0, float sequenceWeight = 1, EntityTags? entities = null) : Head, IOnnxHead
{
    // Like any path with a forbidden transition, worse than all others.
    private const float Forbidden = -10_000;

    /// <summary>The name of the parameter of forbidden transitions.</summary>
    public const string ForbiddenName = "bio.transitions";

    private Parameter? _forbidden, _forbiddenStart;

    public override int Outputs => tags;

    /// <summary>The conditional random field; null for a soft-max per step.</summary>
    public CrfWeights? Crf { get; set; }

    /// <summary>The meaning of the tags; null if they are not tags of entities.</summary>
    public EntityTags? Entities => entities;

    public override IReadOnlyList<Parameter> Parameters => _forbidden is null ? [] : [_forbidden, _forbiddenStart!];

    /// <summary>Forbids paths in which I follows anything but B or I of its type; only where tags are decoded, as the labels may have such paths.</summary>
    public void Constrain(EntityTags bio)
    {
        Constrain();
        for (var to = 0; to < tags; to++)
        {
            if (!bio.MayFollow(-1, to)) _forbiddenStart!.Value[to] = Forbidden;
            for (var from = 0; from < tags; from++)
                if (!bio.MayFollow(from, to)) _forbidden!.Value[to * tags + from] = Forbidden;
        }
    }

    /// <summary>Forbids no path yet: the parameters are 0.</summary>
    public void Constrain()
    {
        _forbidden = new(ForbiddenName, new Shape(tags, tags), trainable: false);
        _forbiddenStart = new("bio.start", new Shape(tags), trainable: false);
    }

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch)
    {
        var labels = batch.StepLabels.AsSpan(0, batch.Time * batch.Rows);
        Tensor loss;
        if (Crf is { } crf)
        {
            loss = CrfLoss.Apply(tape, output.Values, crf.Transitions.Value, crf.Start.Value, crf.End.Value, labels, batch.Lengths, batch.Weights,
                perTag: true);
        }
        else
        {
            using var weights = batch.Weights is null ? null : Tensor.Rent(new(labels.Length));
            for (var i = 0; weights is not null && i < labels.Length; i++) weights[i] = batch.Weights![i % batch.Rows];
            loss = SoftmaxCrossEntropyLoss.Apply(tape, output.Values, labels, weights);
        }
        if (output.Sequence is not { } sequence) return loss;
        var own = SoftmaxCrossEntropyLoss.Apply(tape, sequence, batch.Labels, batch.Weights);
        return AddScaledOperation.Apply(tape, loss, own, 1, sequenceWeight);
    }

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var (keys, scores) = (tape.Rent(new(output.Values.Shape[0], output.Values.Shape[1], 1)), tape.Rent(output.Values.Shape));
        for (var step = 0; step < keys.Length; step++)
        {
            if (Crf is null) RowSoftmax.Apply(output.Values.Span.Slice(step * tags, tags), scores.Span.Slice(step * tags, tags));
            else output.Values.Span.Slice(step * tags, tags).CopyTo(scores.Span[(step * tags)..]);
        }
        Decode(output, keys);
        ClearUnanswered(output, keys);
        if (output.Sequence is not { } sequence) return [keys, scores];
        var answers = new Classification.MulticlassHead(classes).Predict(tape, output with { Values = sequence });
        return [keys, scores, .. answers];
    }

    public override Metric? CreateMetric(ValidationMetric metric) => metric is ValidationMetric.Accuracy or ValidationMetric.F1Score
        ? new TaggingMetric(tags, entities, metric is ValidationMetric.F1Score)
        : null;

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var places = Crf is null && _forbidden is null ? graph.ArgMax(output.Values, 2) : BestPath(graph, output);
        var keys = graph.Add(places, graph.Constant(1L));
        if (output.Lengths is { } lengths)
        {
            var steps = graph.Reshape(graph.Indices(output.Values, 1), 1, -1, 1);
            keys = graph.Where(graph.Less(steps, graph.Reshape(graph.Cast(lengths, OnnxType.Int64), -1, 1, 1)), keys, graph.Scalar(0L));
        }
        var scores = Crf is null ? graph.Softmax(output.Values, 2) : output.Values;
        return output.Sequence is not { } sequence
            ? [keys, scores]
            : [keys, scores, .. new Classification.MulticlassHead(classes).Export(graph, output with { Values = sequence })];
    }

    // A row without an answer has NaN at all steps, and no tags.
    private void ClearUnanswered(in NetworkOutput output, Tensor keys)
    {
        var rows = output.Values.Shape[1];
        for (var row = 0; row < rows; row++)
        {
            if (!float.IsNaN(output.Values[row * tags])) continue;
            for (var at = row; at < keys.Length; at += rows) keys[at] = 0;
        }
    }

    private void Decode(in NetworkOutput output, Tensor keys)
    {
        var (time, rows) = (output.Values.Shape[0], output.Values.Shape[1]);
        if (Crf is null && _forbidden is null)
        {
            for (var i = 0; i < keys.Length; i++) keys[i] = TensorPrimitives.IndexOfMax<float>(output.Values.Span.Slice(i * tags, tags)) + 1;
            for (var i = 0; output.Lengths is { } ends && i < keys.Length; i++)
                if (i / rows >= ends[i % rows]) keys[i] = 0;
            return;
        }
        var (transitions, start, end) = (new float[tags * tags], new float[tags], new float[tags]);
        for (var i = 0; i < transitions.Length && Crf is { } crf; i++) transitions[i] = crf.Transitions.Value[i % tags * tags + i / tags];
        Crf?.Start.Value.Span.CopyTo(start);
        Crf?.End.Value.Span.CopyTo(end);
        if (_forbidden is not null)
        {
            TensorPrimitives.Add(transitions, _forbidden.Value.Span, transitions);
            TensorPrimitives.Add(start, _forbiddenStart!.Value.Span, start);
        }
        keys.Span.Clear();
        var path = new int[time];
        for (var row = 0; row < rows; row++)
        {
            var length = output.Lengths?[row] ?? time;
            CrfDecoder.Decode(output.Values, row, transitions, start, end, path.AsSpan(0, length));
            for (var t = 0; t < length; t++) keys[t * rows + row] = path[t] + 1;
        }
    }

    private string BestPath(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        string? transitions = null, start = null, end = null;
        if (Crf is { } crf)
        {
            transitions = graph.Transpose(Write(crf.Transitions), 1, 0);
            (start, end) = (Write(crf.Start), Write(crf.End));
        }
        if (_forbidden is not null) (transitions, start) = (Sum(transitions, _forbidden), Sum(start, _forbiddenStart!));
        return ViterbiExporter.Write(graph, output.Values, output.Lengths, transitions!, start!, end);

        string Sum(string? learned, Parameter forbidden) => learned is null ? Write(forbidden) : graph.Add(learned, Write(forbidden));

        string Write(Parameter parameter) =>
            graph.Parameter(parameter.Name, parameter.Value.Span, Array.ConvertAll(parameter.Shape.ToArray(), size => (long)size));
    }
}
