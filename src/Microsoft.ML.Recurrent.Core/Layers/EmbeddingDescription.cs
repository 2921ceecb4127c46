namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Tokens to vectors: a table of [vocabulary, size], parameter <c>{Name}.weight</c>. First layer only.</summary>
internal sealed record EmbeddingDescription(string Name, int Size) : LayerDescription(Name);
