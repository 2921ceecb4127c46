using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Which parameters of a model began as those of a model of another task (<see cref="InitializationOptions.Model"/>): those of the same name and shape, and of
/// an embedding the rows of the tokens that both know. It is saved with the model.
/// </summary>
public sealed class TransferReport
{
    /// <summary>The task of the other model, such as LanguageModel.</summary>
    public required string Task { get; init; }

    /// <summary>The parameters that were taken, by name; of an embedding also how many tokens.</summary>
    public required ImmutableArray<string> Taken { get; init; }

    /// <summary>The parameters that began at random, by name; with their shape and the other model's, where that has one of this name.</summary>
    public required ImmutableArray<string> New { get; init; }

    /// <summary>The parameters of the other model that have no place in this one, by name.</summary>
    public required ImmutableArray<string> Unused { get; init; }

    /// <summary>The lists in sentences.</summary>
    public override string ToString() => $"From the initial model ({Task}): {List(Taken)}. New: {List(New)}. Not used of the initial model: {List(Unused)}.";

    private static string List(ImmutableArray<string> names) => names.IsEmpty ? "none" : string.Join(", ", names);
}
