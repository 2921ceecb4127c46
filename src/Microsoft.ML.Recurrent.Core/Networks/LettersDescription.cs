using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A network over the letters of each token (Ma and Hovy 2016; Lample et al. 2016). Its vector is concatenated to the embedding of the token.
/// </summary>
/// <param name="Alphabet">Size of the alphabet: ids are 0 to Alphabet - 1, where 0 is padding and 1 an unknown letter.</param>
/// <param name="Length">The most letters of a token.</param>
/// <param name="Layers">The layers: an embedding first, one vector per token last.</param>
internal sealed record LettersDescription(int Alphabet, int Length, ImmutableArray<LayerDescription> Layers);
