using System.Collections.Immutable;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>A column of the texts of tokens, whose letters become ids: <c>Vector&lt;Text&gt;</c>, as long as the column of tokens.</summary>
/// <param name="Name">The column.</param>
/// <param name="Length">The most letters of a token; of a longer one the first and the last are read.</param>
/// <param name="Alphabet">The letters from id <see cref="FirstLetter"/> on; shared by all that read the column.</param>
internal sealed record LetterColumn(string Name, int Length, LetterAlphabet Alphabet)
{
    /// <summary>The id of letters that are not in the alphabet; 0 pads.</summary>
    public const int Unknown = SequenceBatch.UnknownLetter;

    /// <summary>The id of the first letter of the alphabet.</summary>
    public const int FirstLetter = 2;

    private const string Role = "character", Expected = "Vector<Text>, the texts of the tokens";

    public static void Check(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        if (column.Kind is SchemaShape.Column.VectorKind.Scalar || column.IsKey || column.ItemType is not TextDataViewType)
            throw ColumnErrors.Mismatch(Role, name, Expected, ColumnErrors.Describe(column), Remedy);
    }

    public static DataViewSchema.Column Check(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        return column.Type is VectorDataViewType { ItemType: TextDataViewType }
            ? column
            : throw ColumnErrors.Mismatch(Role, name, Expected, column.Type.ToString()!, Remedy);
    }

    private const string Remedy = "Name the column of texts from which the keys were made, under another name than theirs.";

    /// <summary>Reads the texts of a row.</summary>
    public sealed class Reader(DataViewRow row, LetterColumn column)
    {
        private readonly ValueGetter<VBuffer<ReadOnlyMemory<char>>> _getter = VectorGetter.Open<ReadOnlyMemory<char>>(row, Check(row.Schema, column.Name));
        private readonly Rune[] _word = new Rune[column.Length];
        private VBuffer<ReadOnlyMemory<char>> _texts;
        private int[] _ids = [];

        /// <summary>The ids of the letters of each token, <see cref="LetterColumn.Length"/> per token, 0 past its end.</summary>
        public ReadOnlySpan<int> Read(int steps, string tokens)
        {
            _getter(ref _texts);
            if (_texts.Length != steps)
            {
                throw ColumnErrors.Value(Role, column.Name, row.Position,
                    $"{ColumnErrors.Holds(_texts.Length, "texts")}, but the column '{tokens}' holds {steps} tokens: there must be a text for each token.");
            }
            var size = steps * column.Length;
            SequenceBuffers.Fit(ref _ids, size);
            var ids = _ids.AsSpan(0, size);
            ids.Clear();
            foreach (var (step, text) in _texts.Items())
            {
                var count = 0;
                foreach (var _ in text.Span.EnumerateRunes()) count++;
                int place = 0, at = 0, head = (column.Length + 1) / 2, tail = column.Length - head;
                foreach (var letter in text.Span.EnumerateRunes())
                {
                    if (place < head || place >= count - tail) _word[at++] = letter;
                    place++;
                }
                for (var i = 0; i < at; i++) ids[step * column.Length + i] = column.Alphabet.IdOf(_word[i]);
            }
            return ids;
        }
    }
}

/// <summary>An alphabet: letters in the order in which they were first met, until it is closed.</summary>
internal sealed class LetterAlphabet
{
    private readonly Dictionary<Rune, int> _ids = [];
    private bool _isClosed;

    /// <summary>Ids: padding, the unknown letter, and the letters.</summary>
    public int Count => LetterColumn.FirstLetter + _ids.Count;

    /// <summary>The letters in order.</summary>
    public ImmutableArray<string> Letters => [.. _ids.OrderBy(pair => pair.Value).Select(pair => pair.Key.ToString())];

    /// <summary>A closed alphabet of these letters.</summary>
    public static LetterAlphabet Create(IEnumerable<string> letters)
    {
        var alphabet = new LetterAlphabet();
        foreach (var letter in letters) alphabet.IdOf(Rune.GetRuneAt(letter, 0));
        alphabet.Close();
        return alphabet;
    }

    /// <summary>Letters that come from now on are unknown.</summary>
    public void Close() => _isClosed = true;

    public int IdOf(Rune letter)
    {
        if (_ids.TryGetValue(letter, out var id)) return id;
        if (_isClosed) return LetterColumn.Unknown;
        _ids.Add(letter, id = Count);
        return id;
    }
}
