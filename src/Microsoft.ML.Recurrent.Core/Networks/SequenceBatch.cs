using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// Sequences of one batch, padded to the longest, time first, with what is to be learned from them. Filled by an <see cref="Training.IBatchSource"/> and used
/// again for the next batch: its buffers grow and never shrink.
/// </summary>
internal sealed class SequenceBatch : IDisposable
{
    private readonly List<int[]> _categories = [], _futureCategories = [];
    private Tensor? _values, _statics, _future, _targets, _weights, _noise;

    /// <summary>Rows of the batch.</summary>
    public int Rows { get; private set; }

    /// <summary>Steps of its longest sequence.</summary>
    public int Time { get; private set; }

    /// <summary>Numeric sequences: [Time, Rows, features], raw (not standardised), 0 past a row's length. Null for tokens.</summary>
    public Tensor? Values => _values;

    /// <summary>Token sequences: Time x Rows ids, time first, 0 past a row's length. Null for numbers.</summary>
    public int[]? Tokens { get; private set; }

    /// <summary>True steps of each row (the first <see cref="Rows"/> entries), at least 1; null where every row has <see cref="Time"/> steps.</summary>
    public int[]? Lengths { get; private set; }

    /// <summary>Static numbers [Rows, statics], raw; null for none.</summary>
    public Tensor? Statics => _statics;

    /// <summary>What is known ahead of each step that is forecast: [horizon, Rows, features], raw, time first; null for none.</summary>
    public Tensor? Future => _future;

    /// <summary>The series that each row belongs to, the first <see cref="Rows"/> entries: 0 for unknown. Null where the network need not know.</summary>
    public int[]? Series { get; private set; }

    /// <summary>Numbers to learn [Rows, n], raw: a regression's label, a forecaster's future (horizon x targets, step by step).</summary>
    public Tensor? Targets => _targets;

    /// <summary>Classes to learn, the first <see cref="Rows"/> entries: 0 or 1, or a class index.</summary>
    public int[]? Labels { get; private set; }

    /// <summary>
    /// Classes to learn at each step: Time x Rows, time first; negative where there is nothing to learn, as past a row's length. Null where there are none.
    /// </summary>
    public int[]? StepLabels { get; private set; }

    /// <summary>
    /// Sequences of tokens to learn that have steps of their own, as a translation has: <see cref="AnswerTime"/> x Rows, time first; negative past a row's end.
    /// Null where there are none.
    /// </summary>
    public int[]? Answers { get; private set; }

    /// <summary>Steps of the longest of the <see cref="Answers"/>.</summary>
    public int AnswerTime { get; private set; }

    /// <summary>
    /// Whether each row goes on where the same row of the batch before ended (truncated back-propagation through time); false where all rows begin.
    /// </summary>
    public bool ContinuesState { get; set; }

    /// <summary>Weight of each row [Rows]; null where all count the same.</summary>
    public Tensor? Weights => _weights;

    /// <summary>Normal scores from which paths are drawn, [Rows, n]; null where none are.</summary>
    public Tensor? Noise => _noise;

    /// <summary>
    /// Ids of the network's category of that number: Time x Rows, time first, or Rows for a static one. Room for so many of them where <paramref name="count"/>
    /// is given.
    /// </summary>
    public int[] Categories(int category, int count = 0) => Buffer(_categories, category, count);

    /// <summary>Ids of a category that is known ahead: horizon x Rows, time first.</summary>
    public int[] FutureCategories(int category, int count = 0) => Buffer(_futureCategories, category, count);

    /// <summary>
    /// Sets the size and provides the buffers asked for; their contents are undefined but for those of <see cref="Values"/> and <see cref="Tokens"/>, which are
    /// zero, and of <see cref="StepLabels"/> and <see cref="Answers"/>, which are -1.
    /// </summary>
    public void Resize(int rows, int time, int features, bool tokens = false, bool lengths = false, int statics = 0, int targets = 0, bool labels = false,
        bool weights = false, bool stepLabels = false,
        int future = 0, int horizon = 0, int answerTime = 0, int noise = 0, bool series = false)
    {
        (Rows, Time, AnswerTime) = (rows, time, answerTime);
        Fit(ref _values, features > 0, new Shape(time, rows, features));
        _values?.Span.Clear();
        Fit(ref _statics, statics > 0, new Shape(rows, statics));
        Fit(ref _future, future > 0, new Shape(horizon, rows, future));
        Fit(ref _targets, targets > 0, new Shape(rows, targets));
        Fit(ref _weights, weights, new Shape(rows));
        Fit(ref _noise, noise > 0, new Shape(rows, noise));
        Tokens = Fit(Tokens, tokens, time * rows);
        if (tokens) Array.Clear(Tokens!, 0, time * rows);
        Lengths = Fit(Lengths, lengths, rows);
        Labels = Fit(Labels, labels, rows);
        Series = Fit(Series, series, rows);
        StepLabels = Fit(StepLabels, stepLabels, time * rows);
        if (stepLabels) Array.Fill(StepLabels!, -1, 0, time * rows);
        Answers = Fit(Answers, answerTime > 0, answerTime * rows);
        if (answerTime > 0) Array.Fill(Answers!, -1, 0, answerTime * rows);
        ContinuesState = false;
    }

    public void Dispose() => Resize(0, 0, 0);

    private static int[] Buffer(List<int[]> buffers, int index, int count)
    {
        while (buffers.Count <= index) buffers.Add([]);
        if (buffers[index].Length < count) buffers[index] = new int[count];
        return buffers[index];
    }

    private static int[]? Fit(int[]? buffer, bool wanted, int length) =>
        !wanted ? null : buffer is not null && buffer.Length >= length ? buffer : new int[length];

    private static void Fit(ref Tensor? tensor, bool wanted, Shape shape)
    {
        if (wanted && tensor?.Shape == shape) return;
        tensor?.Dispose();
        tensor = wanted ? Tensor.Rent(shape) : null;
    }
}
