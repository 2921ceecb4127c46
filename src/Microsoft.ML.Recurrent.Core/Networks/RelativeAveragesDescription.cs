using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// Additional inputs of the first layer, with <see cref="WindowNormalization.Difference"/>: the features of a step that window normalization changes, less an
/// exponential average of the steps up to it, for each length. They tell layers that read differences where a series is, and do not depend on the level of
/// the window.
/// </summary>
/// <param name="Lengths">The lengths in steps, at least 2: the newest step counts as 1 / length of many steps before it.</param>
internal sealed record RelativeAveragesDescription(ImmutableArray<int> Lengths);
