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

/// <summary>Numbers that depend on the sizes of the input alone, not on its numbers.</summary>
/// <param name="Compute">Computes them for given sizes.</param>
internal record SizedValue(Func<InputSizes, TensorData> Compute) : GraphValue;

/// <summary>Zeros of a shape that depends on the batch size: initial states.</summary>
/// <param name="Compute">Creates them for given sizes; null if their shape is unknown.</param>
internal sealed record ZeroValue(Func<InputSizes, TensorData>? Compute = null) : GraphValue;

/// <summary>
/// Zeros, and NaN for rows that have no answer, as exported graphs of ours add them to the answers (<see cref="MissingAnswers"/>): no layer.
/// </summary>
internal sealed record UnansweredValue : GraphValue;

/// <summary>Numbers of which nothing is known.</summary>
internal sealed record ShapeValue : GraphValue;

/// <summary>A tensor that is computed in a way that no layer here can: an error if the answer needs it.</summary>
internal sealed record RefusedValue(NotSupportedException Error) : GraphValue;

/// <summary>The sequence lengths, an input of the graph.</summary>
internal sealed record LengthsValue() : SizedValue(static sizes => TensorData.Create([sizes.Lengths.Length], sizes.Lengths));

/// <summary>The initial state of a recurrent layer, an input of the graph (a step model).</summary>
internal sealed record StateValue(string Input) : GraphValue;

/// <summary>Whole numbers or truth values that are computed from each token alone.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Compute">Computes them for a vector of tokens.</param>
internal sealed record TokenValue(SequenceValue Tokens, Func<TensorData, TensorData?> Compute) : GraphValue;

/// <summary>Sizes of an input, to try out what depends on them.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Steps">The number of steps.</param>
/// <param name="Lengths">The lengths of the rows.</param>
internal readonly record struct InputSizes(int Rows, int Steps, long[] Lengths);

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
