using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Random augmentation of training sequences, redrawn for each batch and not applied in validation or scoring (Um et al. 2017). It applies to raw values,
/// before standardization, and keeps the length of a row. A value of 0 or false disables an augmentation.
/// </summary>
public sealed class SequenceAugmentation
{
    /// <summary>Standard deviation of the noise added to each value, relative to the feature's standard deviation in the row; at least 0.</summary>
    public float Jitter { get; init; }

    /// <summary>Standard deviation of the random factor (mean 1) of each feature of a row; at least 0.</summary>
    public float Scaling { get; init; }

    /// <summary>Probability that the sign of a feature of a row is flipped; drawn per feature.</summary>
    public float SignFlip { get; init; }

    /// <summary>Probability that the features of a row are permuted, such as the interchangeable axes of a sensor.</summary>
    public float Rotation { get; init; }

    /// <summary>Probability that a row is reversed in time.</summary>
    public float TimeFlip { get; init; }

    /// <summary>Maximum smooth time shift relative to the length of a row; both ends stay fixed. From 0 to less than 0.3.</summary>
    public float TimeWarp { get; init; }

    /// <summary>
    /// Fraction of a row that is kept, as a slice at a random position stretched to the full length; greater than 0, at most 1. The default of 1 disables
    /// slicing.
    /// </summary>
    public float WindowSlice { get; init; } = 1;

    /// <summary>Probability that a feature of a row is replaced by its mean in the row.</summary>
    public float FeatureDropout { get; init; }

    /// <summary>Probability that a token is replaced by 0, the unknown token.</summary>
    public float TokenDropout { get; init; }

    /// <summary>
    /// Probability that a token that comes once in the training part is replaced by 0, the unknown token (Lample et al. 2016): so the network learns the
    /// unknown token from rare words, which most unknown words are like, and still sees the rare ones.
    /// </summary>
    public float RareTokenDropout { get; init; }

    /// <summary>Probability that a character of a token is replaced by the unknown character, where characters are read.</summary>
    public float CharacterDropout { get; init; }

    /// <summary>Whether numbers are moved to other steps.</summary>
    internal bool MovesSteps => TimeFlip > 0 || TimeWarp > 0 || WindowSlice < 1;

    /// <summary>Throws if a value is out of range.</summary>
    internal void Check()
    {
        foreach (var (name, value) in new[] { (nameof(Jitter), Jitter), (nameof(Scaling), Scaling) })
        {
            if (!(value >= 0 && float.IsFinite(value))) throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0.");
        }

        foreach (var (name, value) in new[] { (nameof(SignFlip), SignFlip), (nameof(Rotation), Rotation), (nameof(TimeFlip), TimeFlip),
            (nameof(FeatureDropout), FeatureDropout), (nameof(TokenDropout), TokenDropout),
            (nameof(RareTokenDropout), RareTokenDropout), (nameof(CharacterDropout), CharacterDropout) })
        {
            if (value is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(name, value, $"{name} is a probability and must be from 0 to 1.");
        }

        if (TimeWarp is not (>= 0 and < 0.3f))
            throw new ArgumentOutOfRangeException(nameof(TimeWarp), TimeWarp,
                "TimeWarp must be at least 0 and less than 0.3: with more, time would run backward.");
        if (WindowSlice is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(WindowSlice), WindowSlice, "WindowSlice must be greater than 0 and at most 1.");
    }

    /// <summary>Augments a batch in place with one random stream.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="random">The stream.</param>
    /// <param name="isRare">Of each token, whether it comes once in the training part; null if that is not known.</param>
    internal void Apply(SequenceBatch batch, RandomStream random, bool[]? isRare = null)
    {
        if (batch.Letters is { } letters && CharacterDropout > 0)
        {
            foreach (ref var letter in letters.AsSpan(0, batch.LetterTime * batch.Time * batch.Rows))
                if (letter > 0 && random.NextSingle() < CharacterDropout) letter = SequenceBatch.UnknownLetter;
        }
        for (var row = 0; row < batch.Rows; row++)
        {
            var length = batch.Lengths is null ? batch.Time : batch.Lengths[row];
            if (batch.Tokens is { } tokens)
            {
                for (var t = 0; t < length && TokenDropout > 0; t++)
                {
                    if (random.NextSingle() < TokenDropout) tokens[t * batch.Rows + row] = 0;
                }
                for (var t = 0; t < length && RareTokenDropout > 0 && isRare is not null; t++)
                {
                    ref var token = ref tokens[t * batch.Rows + row];
                    if (isRare[token] && random.NextSingle() < RareTokenDropout) token = 0;
                }
            }

            if (batch.Values is not null) new Row(batch, row, length).Change(this, random);
        }
    }

    // One row of a batch, time first.
    private readonly ref struct Row
    {
        private readonly Span<float> _values;
        private readonly int _stride, _features, _length;

        public Row(SequenceBatch batch, int row, int length)
        {
            _features = batch.Values!.Shape[2];
            _values = batch.Values.Span[(row * _features)..];
            (_stride, _length) = (batch.Rows * _features, length);
        }

        private ref float this[int t, int feature] => ref _values[t * _stride + feature];

        public void Change(SequenceAugmentation options, RandomStream random)
        {
            // The random numbers of a row are drawn in a fixed order, whatever the options.
            var start = options.WindowSlice < 1 ? random.NextDouble() * (1 - options.WindowSlice) : 0;
            var bend = options.TimeWarp > 0 ? options.TimeWarp * (2 * random.NextDouble() - 1) : 0;
            if (options.WindowSlice < 1 || bend != 0) Resample(start, options.WindowSlice, bend);
            if (options.TimeFlip > 0 && random.NextSingle() < options.TimeFlip) Reverse();
            if (options.Rotation > 0 && random.NextSingle() < options.Rotation) Rotate(random);
            for (var j = 0; j < _features; j++)
            {
                var factor = options.Scaling > 0 ? (float)(1 + options.Scaling * random.NextGaussian()) : 1;
                if (options.SignFlip > 0 && random.NextSingle() < options.SignFlip) factor = -factor;
                var dropped = options.FeatureDropout > 0 && random.NextSingle() < options.FeatureDropout;
                var (mean, deviation) = dropped || options.Jitter > 0 ? Moments(j) : default;
                for (var t = 0; t < _length; t++)
                {
                    var value = dropped ? mean : this[t, j];
                    if (options.Jitter > 0) value += (float)(options.Jitter * deviation * random.NextGaussian());
                    this[t, j] = factor * value;
                }
            }
        }

        private (float Mean, float Deviation) Moments(int feature)
        {
            double sum = 0, squares = 0;
            for (var t = 0; t < _length; t++) sum += this[t, feature];
            for (var t = 0; t < _length; t++) squares += Math.Pow(this[t, feature] - sum / _length, 2);
            return ((float)(sum / _length), (float)Math.Sqrt(squares / _length));
        }

        // Step t is interpolated between two steps of the slice, at a time warped by a half sine.
        private void Resample(double start, double share, double bend)
        {
            if (_length < 2) return;
            var old = _length <= 512 ? stackalloc float[_length] : new float[_length];
            for (var j = 0; j < _features; j++)
            {
                for (var t = 0; t < _length; t++) old[t] = this[t, j];
                for (var t = 0; t < _length; t++)
                {
                    var u = (double)t / (_length - 1);
                    var at = Math.Clamp((start + share * (u + bend * Math.Sin(Math.PI * u))) * (_length - 1), 0, _length - 1);
                    var before = Math.Min((int)at, _length - 2);
                    this[t, j] = (float)(old[before] + (at - before) * (old[before + 1] - old[before]));
                }
            }
        }

        private void Reverse()
        {
            for (var (a, b) = (0, _length - 1); a < b; a++, b--)
            {
                for (var j = 0; j < _features; j++) (this[a, j], this[b, j]) = (this[b, j], this[a, j]);
            }
        }

        private void Rotate(RandomStream random)
        {
            for (var i = _features - 1; i > 0; i--)
            {
                var j = random.NextInt32(i + 1);
                for (var t = 0; t < _length && i != j; t++) (this[t, i], this[t, j]) = (this[t, j], this[t, i]);
            }
        }
    }
}
