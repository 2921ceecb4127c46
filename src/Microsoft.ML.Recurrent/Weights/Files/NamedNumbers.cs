namespace Microsoft.ML.Recurrent.Weights.Files;

/// <summary>A tensor to write.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shape">The sizes of the axes.</param>
/// <param name="Values">The numbers.</param>
internal sealed record NamedNumbers(string Name, int[] Shape, float[] Values);
