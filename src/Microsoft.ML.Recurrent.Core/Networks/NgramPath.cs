using System.Buffers;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A linear model of the n-grams of a row beside the layers (wide and deep, Cheng et al. 2016; n-grams by hash as in fastText, Joulin et al. 2017): the sum of
/// the table's rows of all n-grams, divided by the root of their number. In training it has a loss of its own, so that neither of the two keeps the other from
/// learning; the outputs of the network are those of both, weighted by <see cref="Shares"/>. Hashes are of codes, not of ids, which are others where a
/// vocabulary is extended.
/// </summary>
internal sealed class NgramPath
{
    /// <summary>The prefix of the parameters' names.</summary>
    public const string Name = "ngrams";

    /// <summary>The names of the parameters.</summary>
    public const string WeightName = Name + ".weight", CodesName = Name + ".codes", SharesName = Name + ".shares";

    /// <summary>The largest code: larger numbers are not all Singles.</summary>
    public const int MaximumCode = 1 << 24;

    private readonly NgramsDescription _description;

    public NgramPath(NetworkDescription network)
    {
        _description = network.Ngrams!;
        if (network.Vocabulary is 0 or > MaximumCode || network.PerStep || network.Decoder is not null)
            throw new ArgumentException("A linear path over n-grams needs tokens, at most 2^24 different ones, and one output per row.", nameof(network));
        if (_description is { Length: < 1 } or { Bits: < 1 or > 24 })
            throw new ArgumentException("A linear path over n-grams has n-grams of at least one token, and a table of 2 to 2^24 rows.", nameof(network));
        Weight = new Parameter(WeightName, new Shape(1 << _description.Bits, network.Outputs));
        Codes = new Parameter(CodesName, new Shape(network.Vocabulary), trainable: false);
        for (var id = 0; id < network.Vocabulary; id++) Codes.Value[id] = id;
        Shares = new Parameter(SharesName, new Shape(2), trainable: false);
        Shares.Value.Span.Fill(0.5f);
    }

    /// <summary>The table [rows, outputs]; initially zero. Its first row stays zero.</summary>
    public Parameter Weight { get; }

    /// <summary>The code of each token, at first its id.</summary>
    public Parameter Codes { get; }

    /// <summary>The weights of the layers and of the path in the outputs of the network: halves, or what a validation part tells.</summary>
    public Parameter Shares { get; }

    /// <summary>Whether the path still learns: it is not frozen, and its training has not ended before that of the layers.</summary>
    public bool IsLearning { get => field && Weight.Trainable; set; } = true;

    /// <summary>All parameters.</summary>
    public IReadOnlyList<Parameter> Parameters => [Weight, Codes, Shares];

    /// <summary>The outputs of the path, [rows, outputs].</summary>
    public Tensor Forward(Tape tape, SequenceBatch batch)
    {
        var starts = ArrayPool<int>.Shared.Rent(batch.Rows + 1);
        starts[0] = 0;
        for (var row = 0; row < batch.Rows; row++) starts[row + 1] = starts[row] + NgramHash.Count(Steps(batch, row), _description.Length);
        var places = ArrayPool<int>.Shared.Rent(starts[batch.Rows]);
        var symbols = ArrayPool<int>.Shared.Rent(batch.Time + 2);
        for (var row = 0; row < batch.Rows; row++)
            NgramHash.Write(Symbols(batch, row, symbols), _description.Length, Weight.Shape[0], places.AsSpan(starts[row]..starts[row + 1]));
        var outputs = EmbeddingBagOperation.Apply(tape, Weight.Value, places.AsSpan(0, starts[batch.Rows]), starts.AsSpan(0, batch.Rows + 1));
        ArrayPool<int>.Shared.Return(symbols);
        ArrayPool<int>.Shared.Return(places);
        ArrayPool<int>.Shared.Return(starts);
        return outputs;
    }

    /// <summary>
    /// What each step of a row adds to an output: of each n-gram, the tokens in it share its part equally. What is left is that of the marks.
    /// </summary>
    /// <param name="batch">A batch.</param>
    /// <param name="row">The row.</param>
    /// <param name="output">The output.</param>
    /// <param name="steps">Receives the parts of the steps.</param>
    /// <returns>The part of the n-grams without a token.</returns>
    public double Attribute(SequenceBatch batch, int row, int output, Span<double> steps)
    {
        var (time, columns) = (Steps(batch, row), Weight.Shape[1]);
        var symbols = Symbols(batch, row, new int[time + 2]);
        var places = new int[NgramHash.Count(time, _description.Length)];
        NgramHash.Write(symbols, _description.Length, Weight.Shape[0], places);
        var (at, scale, marks) = (0, 1 / Math.Sqrt(places.Length), 0.0);
        steps.Clear();
        for (var start = 0; start < symbols.Length; start++)
        {
            for (var end = start; end < symbols.Length && end < start + _description.Length; end++)
            {
                var part = scale * Weight.Value[places[at++] * columns + output];
                var (first, last) = (Math.Max(start, 1), Math.Min(end, time));
                if (last < first) marks += part;
                for (var step = first; step <= last; step++) steps[step - 1] += part / (last - first + 1);
            }
        }
        return marks;
    }

    /// <summary>Copies the path of an initial model, whose tokens may have other ids, and whose outputs other places.</summary>
    /// <param name="source">The path of the initial model.</param>
    /// <param name="tokens">The id there of each token, negative for a new one; null for the same ids.</param>
    /// <param name="outputs">The place there of each output, negative for a new one; null for the same places.</param>
    public void CopyFrom(NgramPath source, ReadOnlySpan<int> tokens, ReadOnlySpan<int> outputs)
    {
        var next = 1 + (int)source.Codes.Value.Span.ToArray().Max();
        for (var id = 0; id < Codes.Value.Length; id++)
        {
            var known = tokens.IsEmpty ? id : tokens[id];
            // A new token has no n-grams in common with those that were learned.
            Codes.Value[id] = known >= 0 && known < source.Codes.Value.Length ? source.Codes.Value[known] : next++;
        }
        source.Shares.Value.Span.CopyTo(Shares.Value.Span);
        var (columns, there) = (Weight.Shape[1], source.Weight.Shape[1]);
        for (var output = 0; output < columns; output++)
        {
            var known = outputs.IsEmpty ? output : outputs[output];
            if (known < 0 || known >= there) continue;
            for (var place = 0; place < Weight.Shape[0]; place++)
                Weight.Value[place * columns + output] = source.Weight.Value[place * there + known];
        }
    }

    private static int Steps(SequenceBatch batch, int row) => batch.Lengths?[row] ?? batch.Time;

    private ReadOnlySpan<int> Symbols(SequenceBatch batch, int row, int[] symbols)
    {
        var time = Steps(batch, row);
        symbols[0] = symbols[time + 1] = NgramHash.Boundary;
        for (var t = 0; t < time; t++)
        {
            var id = batch.Tokens![t * batch.Rows + row];
            if ((uint)id >= (uint)Codes.Value.Length)
                throw new ArgumentOutOfRangeException(nameof(batch), id, $"The ids of the vocabulary are 0 to {Codes.Value.Length - 1}.");
            symbols[t + 1] = (int)Codes.Value[id] + NgramHash.FirstCode;
        }
        return symbols.AsSpan(0, time + 2);
    }
}
