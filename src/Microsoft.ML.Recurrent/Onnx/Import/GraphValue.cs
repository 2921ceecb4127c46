using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>What an axis of a tensor stands for.</summary>
internal enum AxisRole
{
    Batch,
    Time,
    Direction,
    Features,

    /// <summary>An axis of size one that stands for nothing.</summary>
    One,
}

/// <summary>What the importer knows of a tensor of the graph that it follows.</summary>
internal abstract record GraphValue;

/// <summary>Numbers that stand in the file, or were worked out from such.</summary>
internal sealed record KnownValue(TensorData Data) : GraphValue
{
    public bool IsZero => Data.FloatValues is { } floats ? !floats.AsSpan().ContainsAnyExcept(0f) : !Data.IntegerValues.AsSpan().ContainsAnyExcept(0);
}

/// <summary>Zeros of a shape that depends on the batch: initial states.</summary>
internal sealed record ZeroValue : GraphValue;

/// <summary>
/// Zeros, and NaN for rows that have no answer, as exported graphs of ours add them to the answers (<see cref="MissingAnswers"/>): no layer.
/// </summary>
internal sealed record UnansweredValue : GraphValue;

/// <summary>Integers worked out from a shape that depends on the batch.</summary>
internal sealed record ShapeValue : GraphValue;

/// <summary>True numbers of steps of the rows, an input of the graph.</summary>
internal sealed record LengthsValue : GraphValue;

/// <summary>A recurrent layer's initial state, an input of the graph (a model that is scored step by step).</summary>
internal sealed record StateValue : GraphValue;

/// <summary>The sequence itself on its way through the layers.</summary>
/// <param name="Axes">What each axis stands for.</param>
/// <param name="Features">Size of the features axis (a state's size a direction where there is a direction axis); for tokens 1.</param>
/// <param name="Layers">The layers that it has passed, with their parameters.</param>
internal sealed record SequenceValue(ImmutableArray<AxisRole> Axes, int Features, ImmutableList<ImportedLayer> Layers) : GraphValue
{
    /// <summary>Token ids, not numbers.</summary>
    public bool IsTokens { get; init; }

    /// <summary>The states after the last step, instead of those of all steps.</summary>
    public bool IsLastState { get; init; }

    /// <summary>Directions of the recurrent layer whose states these are, as long as they have not been joined; 1 after that.</summary>
    public int Directions { get; init; } = 1;

    /// <summary>Where one direction of two was cut out, its number.</summary>
    public int? Direction { get; init; }

    /// <summary>The activation that closes the graph, if that has been passed.</summary>
    public OutputActivation Activation { get; init; }

    /// <summary>A sum of products without a bias yet: the next Add is its bias.</summary>
    public bool AwaitsBias { get; init; }

    public int Axis(AxisRole role) => Axes.IndexOf(role);

    public bool Is(params ReadOnlySpan<AxisRole> axes) => Axes.AsSpan().SequenceEqual(axes);

    public override string ToString() =>
        (IsTokens ? "tokens" : "numbers") + " [" + string.Join(", ", Axes.Select(axis => axis.ToString().ToLowerInvariant())) + "]";
}

/// <summary>A layer found in a graph, with its parameters in the network's own layout, by their names after the layer's.</summary>
internal sealed record ImportedLayer(LayerDescription Description, ImmutableDictionary<string, float[]> Parameters)
{
    public bool Equals(ImportedLayer? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
