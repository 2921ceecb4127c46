using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>The state of the export between two layers: the output tensor of the last one and its properties.</summary>
internal sealed class Flow(OnnxGraphBuilder graph, string tensor, int features, string lengths)
{
    private string? _mask;

    public OnnxGraphBuilder Graph => graph;

    /// <summary>If a decoder follows: the nodes of the recurrent layers (null for loops) and their final states, by layer name. Otherwise null.</summary>
    public Dictionary<string, (RecurrentNode? Node, RecurrentEnd End)>? Ends { get; set; }

    /// <summary>The states with which each recurrent layer begins; null for zeros.</summary>
    public Func<RecurrentDescription, RecurrentEnd>? Begins { get; set; }

    /// <summary>A sequence [time, batch, features] (tokens [time, batch]), or one vector per row [batch, features].</summary>
    public string Tensor { get; private set; } = tensor;

    public int Features { get; private set; } = features;

    public bool IsSequence { get; private set; } = true;

    /// <summary>Length of each row, int32 [batch]; empty if all rows have all steps.</summary>
    public string Lengths { get; private set; } = lengths;

    public bool HasLengths => Lengths.Length > 0;

    /// <summary>The last state of the recurrent layer just written, [directions, batch, hidden]; null after any layer that changes the states.</summary>
    public string? LastState { get; private set; }

    /// <summary>The mask of valid steps, bool [time, batch, 1].</summary>
    public string Mask => _mask ??= graph.Reshape(
        graph.Less(graph.Reshape(graph.Indices(Tensor, 0), -1, 1), graph.Reshape(graph.Cast(Lengths, OnnxType.Int64), 1, -1)), 0, 0, 1);

    /// <summary>The last states [batch, features], if they are neither a node's output nor the last step.</summary>
    public string? LastVector { get; private set; }

    public void Sequence(string tensor, int features, string? lastState = null, string? lastVector = null) =>
        (Tensor, Features, LastState, LastVector) = (tensor, features, lastState, lastVector);

    public void Vector(string tensor, int features) => (Tensor, Features, IsSequence, LastState, LastVector) = (tensor, features, false, null, null);

    /// <summary>Takes the output of a layer: of every step, or of the vector.</summary>
    public void Continue(string tensor, int features)
    {
        if (IsSequence) Sequence(tensor, features);
        else Vector(tensor, features);
    }

    /// <summary>Updates the lengths for a layer that shortens the sequence.</summary>
    public void Shorten(string lengths) => (Lengths, _mask) = (lengths, null);

    /// <summary>The last valid step of each row, [batch, features].</summary>
    public string LastStep() => LastStep(Tensor);

    /// <summary>The last valid step of each row of another sequence with the same lengths.</summary>
    public string LastStep(string tensor)
    {
        if (!HasLengths) return graph.Gather(tensor, -1, 0);
        var steps = graph.Reshape(graph.Subtract(graph.Cast(Lengths, OnnxType.Int64), graph.Scalar(1L)), -1, 1);
        var rows = graph.Reshape(graph.Indices(tensor, 1), -1, 1);
        return graph.Node("GatherND", [tensor, graph.Concat(1, steps, rows)]);
    }

    /// <summary>Sum over the valid steps, [batch, features].</summary>
    public string SumOfSteps(string tensor) => graph.ReduceSum(HasLengths ? graph.Where(Mask, tensor, 0f) : tensor, 0);

    /// <summary>The mean over the valid steps, [batch, features].</summary>
    public string MeanOfSteps(string tensor) => HasLengths
        ? graph.Divide(SumOfSteps(tensor), graph.Reshape(graph.Cast(Lengths, OnnxType.Single), -1, 1))
        : graph.ReduceMean(tensor, 0);
}
