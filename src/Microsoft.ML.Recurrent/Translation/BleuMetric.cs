using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Translation.Metrics;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Corpus BLEU of greedy translations: of the words of their texts, split at white space.</summary>
internal sealed class BleuMetric(Network network, TranslationManifest manifest) : Metric
{
    // No text holds it: an unknown token of the target matches nothing.
    private const string UnknownReference = "\0";

    private readonly BleuCounter _counter = new();

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var found = TokenDecoding.Greedy(network, batch);
        for (var row = 0; row < batch.Rows; row++)
        {
            var reference = new List<int>();
            for (var t = 0; t < batch.AnswerTime && batch.Answers![t * batch.Rows + row] is >= 0 and var id && id != manifest.End; t++) reference.Add(id);
            _counter.Add(Words(found[row], manifest.UnknownText), [Words(reference, UnknownReference)]);
        }
    }

    public override double Value() => _counter.Score(useEffectiveOrder: false).Score;

    private string[] Words(IEnumerable<int> ids, string unknown) => BleuTokens.Split(
        TokenJoiner.Join([.. ids.Where(id => id < manifest.End).Select(id => id > 0 ? manifest.Target.Values[id - 1] : unknown)], manifest.Joining),
        BleuTokenization.None);
}
