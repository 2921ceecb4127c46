using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent;

/// <summary>One configuration that an experiment tries. It can be repeated from what <see cref="ToString"/> prints.</summary>
/// <param name="Number">From 1; trial 1 has the options of the experiment as they are.</param>
/// <param name="Seed">
/// The seed of training, <see cref="RecurrentTrainerOptions.Seed"/>: the same for all trials of an experiment, so that they differ by their options alone.
/// </param>
/// <param name="Parameters">The options that differ from those of the experiment, by path (<c>Network.HiddenSize</c>), as texts.</param>
public sealed record Trial(int Number, int Seed, ImmutableSortedDictionary<string, string> Parameters)
{
    /// <summary>Number, seed and options that differ.</summary>
    public override string ToString() =>
        $"Trial {Number}, "
            + $"seed {Seed}: {(Parameters.Count == 0 ? "the given options" : string.Join(", ", Parameters.Select(one => $"{one.Key} = {one.Value}")))}";

    /// <inheritdoc/>
    public bool Equals(Trial? other) =>
        other is not null && (Number, Seed) == (other.Number, other.Seed) && Parameters.SequenceEqual(other.Parameters);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, Seed, Parameters.Count);
}
