namespace Microsoft.ML.Recurrent.Layers;

/// <summary>An embedding of tokens: a table [vocabulary, size], parameter <c>{Name}.weight</c>. First layer only.</summary>
internal sealed record EmbeddingDescription(string Name, int Size) : LayerDescription(Name);
