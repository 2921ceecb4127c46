using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>Runs the layers of <see cref="LettersDescription"/> over the letters of the different tokens of a batch, as if each token were a row.</summary>
internal sealed class LetterInputs
{
    private readonly Layer[] _layers;

    public LetterInputs(LettersDescription description)
    {
        var shape = new LayerShape(Sequence: true, 0) { Vocabulary = description.Alphabet };
        _layers = [.. description.Layers.Select(layer =>
        {
            var created = LayerFactory.Create(layer, shape);
            shape = created.Output;
            return created;
        })];
        if (shape.Sequence || shape.Vocabulary > 0)
            throw new ArgumentException("The layers over letters must begin with an embedding and end in one vector per token.", nameof(description));
        Size = shape.Features;
    }

    /// <summary>Numbers per token.</summary>
    public int Size { get; }

    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>[time, rows, Size].</summary>
    public Tensor Forward(Tape tape, SequenceBatch batch)
    {
        var letters = batch.Letters ?? throw new ArgumentException("The network reads the letters of tokens, but the batch has none.", nameof(batch));
        var words = DistinctWords.Find(letters, batch.LetterLengths!, batch.LetterTime, batch.Time * batch.Rows);
        var signal = new Signal(null, words.Lengths) { Tokens = words.Letters, Time = batch.LetterTime, Rows = words.Count };
        foreach (var layer in _layers) signal = layer.Forward(tape, signal);
        return EmbeddingOperation.Apply(tape, signal.Numbers, words.Places, new Shape(batch.Time, batch.Rows, Size));
    }
}
