using System.Numerics;

namespace Microsoft.ML.Recurrent.Decoding;

/// <summary>
/// Beam search (Graves 2012; Sutskever et al. 2014) for several sources at once. A source is done when as many texts have ended as the beam is wide, or when no
/// unfinished text can become better than the worst of those to be returned. So a beam of one is greedy search, and one as wide as all texts finds the best.
/// </summary>
/// <param name="options">The options of the search.</param>
/// <param name="start">The token with which texts start.</param>
/// <param name="end">The token with which they end; null for none: they end at their greatest length.</param>
/// <param name="excluded">Tokens that are never written; may be shorter than the vocabulary.</param>
internal sealed class BeamSearch(BeamSearchOptions options, int start, int? end, bool[] excluded)
{
    private readonly TextScore _score = new(options);

    /// <summary>Returns the texts of each source, the best first.</summary>
    /// <param name="model">The decoder, which has read the sources.</param>
    /// <param name="lengths">Steps of each source.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    public FoundText[][] Run(IBeamModel model, ReadOnlySpan<int> lengths, CancellationToken cancellationToken = default)
    {
        var (vocabulary, time) = (model.Vocabulary, model.SourceTime);
        var sources = new Source[lengths.Length];
        for (var i = 0; i < sources.Length; i++) sources[i] = new(lengths[i], options, new(null, start, 0, []));
        var live = sources;
        int[] rows = [.. Enumerable.Range(0, live.Length)], parents = rows, tokens = new int[live.Length];
        tokens.AsSpan().Fill(start);
        var (logs, attention) = (Array.Empty<float>(), Array.Empty<float>());
        // In the first step a source has one text, later as many as the widest beam.
        for (var width = 1; live.Length > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Fit(ref logs, live.Length * width * vocabulary);
            Fit(ref attention, live.Length * width * time);
            model.Step(rows, parents, tokens, logs.AsSpan(0, live.Length * width * vocabulary), attention.AsSpan(0, live.Length * width * time));
            for (var i = 0; i < live.Length; i++)
            {
                live[i].Extend(this, logs.AsSpan(i * width * vocabulary, width * vocabulary), attention.AsSpan(i * width * time, width * time),
                    vocabulary, time);
            }
            rows = [.. Enumerable.Range(0, live.Length).Where(row => live[row].Beam.Length > 0)];
            var widest = rows.Length == 0 ? 0 : rows.Max(row => live[row].Beam.Length);
            (parents, tokens) = (new int[rows.Length * widest], new int[rows.Length * widest]);
            for (var i = 0; i < rows.Length; i++)
            {
                var source = live[rows[i]];
                for (var j = 0; j < widest; j++)
                {
                    // Places without a text repeat the first one; what follows them is not read.
                    var place = j < source.Beam.Length ? j : 0;
                    (parents[i * widest + j], tokens[i * widest + j]) = (rows[i] * width + source.Places[place], source.Beam[place].Token);
                }
            }
            live = Array.ConvertAll(rows, row => live[row]);
            width = widest;
        }
        return Array.ConvertAll(sources, source => source.Results());
    }

    private static void Fit(ref float[] buffer, int length)
    {
        if (buffer.Length < length) buffer = new float[length];
    }

    private bool IsExcluded(int token) => token < excluded.Length && excluded[token];

    /// <summary>The beam of one source.</summary>
    private sealed class Source(int length, BeamSearchOptions options, Hypothesis first)
    {
        private readonly int _most = options.MaximumFor(length);
        private readonly List<FoundText> _found = [];
        private readonly PriorityQueue<(int Place, int Token), double> _best = new();

        /// <summary>The unfinished texts, the most likely first; empty when the source is done.</summary>
        public Hypothesis[] Beam { get; private set; } = [first];

        /// <summary>The places in the last step of the texts that those of <see cref="Beam"/> continue.</summary>
        public int[] Places { get; private set; } = [0];

        public FoundText[] Results() => [.. _found.OrderByDescending(text => text.Score).Take(options.NumberOfResults)];

        public void Extend(BeamSearch search, ReadOnlySpan<float> logs, ReadOnlySpan<float> attention, int vocabulary, int time)
        {
            var written = Beam[0].Length;
            _best.Clear();
            for (var place = 0; place < Beam.Length; place++) Choose(search, place, Beam[place].LogProbability, logs.Slice(place * vocabulary, vocabulary));
            // A text ends if its end is among the likeliest of all continuations, as each of them is.
            var least = _best.Count == options.BeamSize && _best.TryPeek(out _, out var worst) ? worst : double.NegativeInfinity;
            for (var place = 0; place < Beam.Length; place++)
            {
                var log = search.End is { } end && written >= options.MinimumLength ? logs[place * vocabulary + end] : float.NegativeInfinity;
                var ends = float.IsFinite(log) && Beam[place].LogProbability + log >= least;
                if (!ends && written < _most) continue;
                // One that is cut is ranked as if it ended there.
                if (float.IsFinite(log)) Finish(search, Beam[place], log, attention.Slice(place * time, time), ends, hasEnd: true);
                else Finish(search, Beam[place], 0, [], isComplete: false, hasEnd: false);
            }
            if (written == _most) _best.Clear();
            var (beam, places) = (new Hypothesis[_best.Count], new int[_best.Count]);
            // The least likely comes first.
            for (var i = beam.Length - 1; i >= 0; i--)
            {
                _best.TryDequeue(out var choice, out var sum);
                (places[i], beam[i]) =
                    (choice.Place, new(Beam[choice.Place], choice.Token, sum, attention.Slice(choice.Place * time, Math.Min(length, time)).ToArray()));
            }
            (Beam, Places) = (beam, places);
            if (Beam.Length > 0 && IsDone(search)) (Beam, Places) = ([], []);
        }

        private void Choose(BeamSearch search, int place, double sum, ReadOnlySpan<float> next)
        {
            var least = _best.Count == options.BeamSize && _best.TryPeek(out _, out var worst) ? worst - sum : double.NegativeInfinity;
            for (var token = 0; token < next.Length; token++)
            {
                // Most tokens are not likely enough: they are passed over by vectors.
                if (_best.Count == options.BeamSize) token += Unlikely(next[token..], least);
                if (token == next.Length) break;
                // NaN and what is impossible do not pass either.
                if (!(next[token] > least) || token == search.End || search.IsExcluded(token)) continue;
                if (_best.Count == options.BeamSize) _best.DequeueEnqueue((place, token), sum + next[token]);
                else _best.Enqueue((place, token), sum + next[token]);
                if (_best.Count == options.BeamSize && _best.TryPeek(out _, out worst)) least = worst - sum;
            }
        }

        // The number of leading log-probabilities, in whole vectors, of which none is greater; or all.
        private static int Unlikely(ReadOnlySpan<float> next, double least)
        {
            // Rounded down, so that what is greater than the number itself is greater than this.
            var bound = new Vector<float>(MathF.BitDecrement((float)least));
            var count = 0;
            while (count + Vector<float>.Count <= next.Length && !Vector.GreaterThanAny(new Vector<float>(next[count..]), bound)) count += Vector<float>.Count;
            return count;
        }

        private void Finish(BeamSearch search, Hypothesis text, float log, ReadOnlySpan<float> last, bool isComplete, bool hasEnd)
        {
            var (tokens, attention) = text.Path();
            var sum = text.LogProbability + log;
            // The end token attends too.
            var score = search._score.Rank(sum, text.Length + (hasEnd ? 1 : 0), hasEnd ? attention.Append(last.ToArray()) : attention, length);
            _found.Add(new(tokens, sum, score, attention, isComplete));
        }

        private bool IsDone(BeamSearch search)
        {
            if (_found.Count >= options.BeamSize) return true;
            if (_found.Count < options.NumberOfResults) return false;
            var worst = _found.OrderByDescending(text => text.Score).ElementAt(options.NumberOfResults - 1).Score;
            return search._score.Bound(Beam[0].LogProbability, _most + 1) <= worst;
        }
    }

    private int? End => end;
}
