namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Tells whether the names of an input and an output of a graph say that the output is the next state of the input: <c>h</c> and <c>hn</c>, <c>state_in_0</c>
/// and <c>state_out_0</c>, <c>conv_cache</c> and <c>conv_cache_out</c>, <c>lstm_1.h</c> and <c>lstm_1.h.next</c>.
/// </summary>
internal static class StateNames
{
    // Words that say which of the two a name is; those of time belong to states alone.
    private static readonly HashSet<string> s_inputs = ["in", "input", "init", "initial", "cur", "current", "start", "begin", "0"];
    private static readonly HashSet<string> s_outputs = ["out", "output", "n", "final", "last", "end", "result", "ret", "1"];
    private static readonly HashSet<string> s_before = ["prev", "previous", "past", "old", "prior", "tm1"];
    private static readonly HashSet<string> s_after = ["next", "new", "present", "updated", "upd", "tp1"];

    // Words that name a state.
    private static readonly HashSet<string> s_states =
    [
        "h", "c", "hx", "cx", "hc", "hidden", "cell", "state", "states", "cache", "caches", "mem", "memory", "memories", "ctx", "context", "carry", "buffer",
        "buf",
        "history", "recurrent", "rnn", "lstm", "gru",
    ];

    /// <summary>How well two names match: the number of words that differ, and whether a word says that it is a state; null if they do not match.</summary>
    public static (int Cost, bool IsState)? Match(string input, string output)
    {
        (int Cost, bool IsState)? best = null;
        var after = Stems(output, s_outputs, s_after).ToLookup(stem => stem.Name);
        foreach (var (name, removed, isState) in Stems(input, s_inputs, s_before))
        {
            foreach (var other in after[name])
            {
                var cost = removed + other.Removed;
                if (best is null || cost < best.Value.Cost) best = (cost, isState || other.IsState);
            }
        }
        return best;
    }

    // A name without some of the words of its side.
    private static IEnumerable<(string Name, int Removed, bool IsState)> Stems(string name, HashSet<string> roles, HashSet<string> times)
    {
        var words = Words(name, [.. roles, .. times]);
        int[] places = [.. Enumerable.Range(0, words.Count).Where(i => roles.Contains(words[i]) || times.Contains(words[i]))];
        // Names have few such words: of many, the last ones count.
        if (places.Length > 6) places = places[^6..];
        for (var set = 0; set < 1 << places.Length; set++)
        {
            int[] removed = [.. places.Where((_, i) => (set >> i & 1) == 1)];
            string[] kept = [.. words.Where((_, i) => !removed.Contains(i))];
            if (kept.Any(word => char.IsLetter(word[0])))
                yield return (string.Join('_', kept), removed.Length, kept.Any(s_states.Contains) || removed.Any(i => times.Contains(words[i])));
        }
    }

    // Words are divided by other characters than letters and digits, by digits and by capitals; "hn" and "stateout" are divided after the state's word.
    private static List<string> Words(string name, HashSet<string> roles)
    {
        List<string> words = [];
        for (int from = 0, to; from < name.Length; from = to)
        {
            to = from + 1;
            if (!char.IsLetterOrDigit(name[from])) continue;
            while (to < name.Length && char.IsLetterOrDigit(name[to]) && char.IsDigit(name[to]) == char.IsDigit(name[to - 1])
                && !(char.IsUpper(name[to]) && char.IsLower(name[to - 1]))) to++;
            var word = name[from..to].ToLowerInvariant();
            var cut = Enumerable.Range(1, word.Length - 1)
                .FirstOrDefault(at => s_states.Contains(word[..at]) && roles.Contains(word[at..])
                    || roles.Contains(word[..at]) && s_states.Contains(word[at..]));
            if (cut > 0) words.Add(word[..cut]);
            words.Add(word[cut..]);
        }
        return words;
    }
}
