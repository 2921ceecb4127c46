using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A linear path over hashed n-grams of the tokens of a row, beside the network of a classifier (wide and deep, Cheng et al. 2016; n-grams by hash, Joulin et
/// al. 2017). It has a weight for each n-gram and label, in a table of fixed size; the sum of the weights of a row's n-grams, divided by the root of their
/// number, is its logit. The path and the network each have a loss of their own in training; the model's logits are sums of both, whose
/// weights the validation part tells (halves without one). Each stops by itself, and the history tells the losses of the network alone. The path begins at
/// naive Bayes (Wang and Manning 2012). Begin and end of a row count as tokens. Of several columns of tokens, those of
/// <see cref="SequenceTrainerOptions.FeatureColumnName"/> are read. Frozen by the name "ngrams".
/// </summary>
public sealed class NgramOptions : IOptionGroup
{
    private const int MaximumBits = 24;

    /// <summary>
    /// The most tokens of an n-gram; shorter ones count too, down to single tokens. From 0, no path, to 10. Default: null, for classifiers of tokens 2, and 4
    /// where there are at most 256 different ones, such as characters; 0 for networks that can be read step by step
    /// (<see cref="NetworkOptions.Bidirectional"/> false and the last state), since a path needs the whole row, and for other trainers.
    /// </summary>
    public int? NgramLength { get; set; }

    /// <summary>
    /// The table has 2^NumberOfBits rows, 1 to 24 bits; n-grams with the same hash share a row. Default: null, at least four rows for each different n-gram of
    /// the training part, within 20 bits and 16 MiB.
    /// </summary>
    public int? NumberOfBits { get; set; }

    /// <summary>
    /// The learning rate of the path, greater than 0. Adagrad trains it (Duchi et al. 2011), whatever <see cref="OptimizerOptions.Kind"/> says, without
    /// penalties, clipping and averages; the rate follows <see cref="OptimizerOptions.LearningRateSchedule"/>. Default: null, 0.3, or 150 times
    /// <see cref="OptimizerOptions.LearningRate"/> if that is less, as in fine-tuning.
    /// </summary>
    public float? LearningRate { get; set; }

    /// <summary>The path that these options describe; null for none.</summary>
    /// <param name="outputs">Outputs of the network.</param>
    /// <param name="countNgrams">Counts the different n-grams of a length, at most so many.</param>
    internal NgramsDescription? Describe(int outputs, Func<int, int, int> countNgrams)
    {
        // 16 MiB are 2^22 weights.
        const int fewestBits = 8, mostBits = 20, weightBits = 22;
        if (NgramLength is null or 0) return null;
        if (NumberOfBits is { } given) return new(NgramLength.Value, given);
        var (bits, count) = (fewestBits, countNgrams(NgramLength.Value, 1 << (mostBits - 2)));
        while (bits < mostBits && 1 << bits < 4 * count && (long)outputs << (bits + 1) <= 1L << weightBits) bits++;
        return new(NgramLength.Value, bits);
    }

    /// <summary>The rate beside that of the network.</summary>
    internal float RateFor(float networkRate) => LearningRate ?? Math.Min(0.3f, 150 * networkRate);

    internal void Check(bool takesNgrams)
    {
        const int maximumLength = 10;
        var checks = new OptionChecks("Features.Ngrams");
        if (NgramLength is < 0 or > maximumLength) throw checks.OutOfRange(nameof(NgramLength), NgramLength, $"must lie from 0 to {maximumLength}");
        if (NumberOfBits is < 1 or > MaximumBits) throw checks.OutOfRange(nameof(NumberOfBits), NumberOfBits, $"must lie from 1 to {MaximumBits}");
        if (LearningRate is { } rate) checks.Positive(rate, nameof(LearningRate));
        if (!takesNgrams && NgramLength > 0)
        {
            throw checks.Refused(nameof(NgramLength), "goes with classifiers of whole sequences: leave it out, or set 0.");
        }
    }
}
