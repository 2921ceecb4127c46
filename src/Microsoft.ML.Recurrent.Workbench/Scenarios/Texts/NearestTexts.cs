namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>
/// The answer to the most similar of known texts: the one whose terms, weighted by their inverse document frequency, have the greatest cosine (Salton and
/// Buckley 1988). Terms are words, or three letters in a row.
/// </summary>
internal sealed class NearestTexts
{
    private const int LettersOfTerm = 3;

    private readonly Dictionary<string, List<(int Text, int Count)>> _texts = [];
    private readonly List<string[]> _answers = [];
    private readonly double[] _lengths, _sums;
    private readonly bool _letters;

    /// <param name="known">Tokens of each text and of its answer.</param>
    /// <param name="letters">Whether tokens are letters.</param>
    public NearestTexts(IEnumerable<(string[] Text, string[] Answer)> known, bool letters)
    {
        _letters = letters;
        foreach (var (text, answer) in known)
        {
            foreach (var (term, count) in Terms(text))
            {
                if (!_texts.TryGetValue(term, out var list)) _texts.Add(term, list = []);
                list.Add((_answers.Count, count));
            }
            _answers.Add(answer);
        }
        (_lengths, _sums) = (new double[_answers.Count], new double[_answers.Count]);
        foreach (var list in _texts.Values)
        {
            var weight = Weight(list.Count);
            foreach (var (text, count) in list) _lengths[text] += Math.Pow(count * weight, 2);
        }
        for (var text = 0; text < _lengths.Length; text++) _lengths[text] = Math.Sqrt(_lengths[text]);
    }

    /// <summary>The answer to the most similar text, the first of several; none where no text shares a term.</summary>
    /// <param name="text">The tokens.</param>
    public string[] Find(string[] text)
    {
        Array.Clear(_sums);
        foreach (var (term, count) in Terms(text))
        {
            if (!_texts.TryGetValue(term, out var list)) continue;
            var weight = Math.Pow(Weight(list.Count), 2) * count;
            foreach (var (other, times) in list) _sums[other] += weight * times;
        }
        var (best, highest) = (-1, 0.0);
        for (var other = 0; other < _sums.Length; other++)
        {
            var cosine = _sums[other] > 0 ? _sums[other] / _lengths[other] : 0;
            if (cosine > highest) (best, highest) = (other, cosine);
        }
        return best < 0 ? [] : _answers[best];
    }

    // A term that all texts have tells little, but more than nothing.
    private double Weight(int texts) => Math.Log((1.0 + _answers.Count) / texts);

    private IEnumerable<(string Term, int Count)> Terms(string[] tokens)
    {
        var terms = !_letters || tokens.Length < LettersOfTerm ? tokens
            : Enumerable.Range(0, tokens.Length - LettersOfTerm + 1).Select(first => string.Concat(tokens.AsSpan(first, LettersOfTerm)));
        return terms.CountBy(static term => term).Select(static pair => (pair.Key, pair.Value));
    }
}
