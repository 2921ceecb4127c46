using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>The role of an axis of a tensor.</summary>
internal enum AxisRole
{
    Batch,
    Time,
    Direction,
    Features,

    /// <summary>An axis of size one without a role.</summary>
    One,
}

/// <summary>The importer's knowledge of a tensor of the graph.</summary>
internal abstract record GraphValue;

/// <summary>Constant numbers, from the file or folded.</summary>
internal sealed record KnownValue(TensorData Data) : GraphValue
{
    public bool IsZero => Data.FloatValues is { } floats ? !floats.AsSpan().ContainsAnyExcept(0f) : !Data.IntegerValues.AsSpan().ContainsAnyExcept(0);
}

/// <summary>Zeros of a shape that depends on the batch size: initial states.</summary>
internal sealed record ZeroValue : GraphValue;

/// <summary>
/// Zeros, and NaN for rows that have no answer, as exported graphs of ours add them to the answers (<see cref="MissingAnswers"/>): no layer.
/// </summary>
internal sealed record UnansweredValue : GraphValue;

/// <summary>Integers computed from a shape that depends on the batch size.</summary>
internal sealed record ShapeValue : GraphValue;

/// <summary>The sequence lengths, an input of the graph.</summary>
internal sealed record LengthsValue : GraphValue;

/// <summary>The initial state of a recurrent layer, an input of the graph (a single-step model).</summary>
internal sealed record StateValue : GraphValue;

/// <summary>The sequence between layers.</summary>
/// <param name="Axes">The role of each axis.</param>
/// <param name="Features">Size of the features axis (per direction if there is a direction axis); 1 for tokens.</param>
/// <param name="Layers">The layers passed so far, with their parameters.</param>
internal sealed record SequenceValue(ImmutableArray<AxisRole> Axes, int Features, ImmutableList<ImportedLayer> Layers) : GraphValue
{
    /// <summary>Token ids, not numbers.</summary>
    public bool IsTokens { get; init; }

    /// <summary>Whether these are the states after the last step instead of those of all steps.</summary>
    public bool IsLastState { get; init; }

    /// <summary>Number of directions of the recurrent layer until they are concatenated; then 1.</summary>
    public int Directions { get; init; } = 1;

    /// <summary>The index of a direction that was sliced out of two.</summary>
    public int? Direction { get; init; }

    /// <summary>The final activation of the graph, if already passed.</summary>
    public OutputActivation Activation { get; init; }

    /// <summary>Whether this is a matrix product without a bias yet: the next Add is its bias.</summary>
    public bool AwaitsBias { get; init; }

    public int Axis(AxisRole role) => Axes.IndexOf(role);

    public bool Is(params ReadOnlySpan<AxisRole> axes) => Axes.AsSpan().SequenceEqual(axes);

    public override string ToString() =>
        (IsTokens ? "tokens" : "numbers") + " [" + string.Join(", ", Axes.Select(axis => axis.ToString().ToLowerInvariant())) + "]";
}

/// <summary>A layer found in a graph, with its parameters in the layout of the network, by their names without the layer prefix.</summary>
internal sealed record ImportedLayer(LayerDescription Description, ImmutableDictionary<string, float[]> Parameters)
{
    public bool Equals(ImportedLayer? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
