using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>One row of the training benchmark: the shapes are those of the peer's script.</summary>
internal sealed record Configuration(string Name, RecurrentCell Cell, int Layers, int Hidden, int Batch, int Time, int Inputs)
{
    /// <summary>The words of the language model.</summary>
    public const int Vocabulary = 10000;

    public static IReadOnlyList<Configuration> All { get; } =
    [
        new("lstm32", RecurrentCell.Lstm, 1, 32, 32, 50, 8),
        new("lstm64", RecurrentCell.Lstm, 1, 64, 32, 50, 16),
        new("lstm128", RecurrentCell.Lstm, 1, 128, 64, 50, 32),
        new("lstm2x256", RecurrentCell.Lstm, 2, 256, 64, 50, 64),
        new("lstm512", RecurrentCell.Lstm, 1, 512, 64, 50, 128),
        new("gru64", RecurrentCell.Gru, 1, 64, 32, 50, 16),
        new("gru128", RecurrentCell.Gru, 1, 128, 64, 50, 32),
        new("gru2x256", RecurrentCell.Gru, 2, 256, 64, 50, 64),
        new("rnn128", RecurrentCell.SimpleRnn, 1, 128, 64, 50, 32),
        new("lm2x200", RecurrentCell.Lstm, 2, 200, 20, 20, 200),
    ];

    /// <summary>Whether this is the language model: embedding, two layers, soft-max over the vocabulary, gradient descent.</summary>
    public bool IsLanguageModel => Name.StartsWith("lm", StringComparison.Ordinal);

    /// <summary>Gates of the cell.</summary>
    public int Gates => CellDescriptor.For(Cell).Gates;

    /// <summary>Floating-point operations of one training step: three times those of the forward matrix products, as the peer's script counts them.</summary>
    public double StepFlops
    {
        get
        {
            double forward = 0;
            for (var layer = 0; layer < Layers; layer++)
                forward += (double)Time * Batch * 2 * Gates * Hidden * ((layer == 0 ? Inputs : Hidden) + Hidden);
            return 3 * (forward + (IsLanguageModel ? (double)Batch * Time * 2 * Hidden * Vocabulary : 0));
        }
    }
}
