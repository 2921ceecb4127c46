using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A batch of sequences, padded to the longest, time first, with targets. Filled by an <see cref="Training.IBatchSource"/> and reused for the next batch: its
/// buffers grow and never shrink.
/// </summary>
internal sealed class SequenceBatch : IDisposable
{
    private readonly List<int[]> _categories = [], _futureCategories = [];
    private Tensor? _values, _statics, _future, _targets, _weights, _noise, _body;

    /// <summary>Rows of the batch.</summary>
    public int Rows { get; private set; }

    /// <summary>Steps of the longest sequence.</summary>
    public int Time { get; private set; }

    /// <summary>
    /// The positions of the rows at which forecasts are made, if rows are stretches; otherwise null. Statics, future features, targets, series and weights are
    /// then those of each forecast.
    /// </summary>
    public StretchPositions? Positions { get; private set; }

    /// <summary>Forecasts of the batch: its rows, or their positions if they are stretches.</summary>
    public int Forecasts => Rows * (Positions?.Count ?? 1);

    /// <summary>Numeric sequences: [Time, Rows, features], raw, 0 past the length of a row. Null for tokens.</summary>
    public Tensor? Values => _values;

    /// <summary>Token sequences: Time x Rows ids, time first, 0 past the length of a row. Null for numbers.</summary>
    public int[]? Tokens { get; private set; }

    /// <summary>The id of a letter that is not in the alphabet; 0 pads.</summary>
    public const int UnknownLetter = 1;

    /// <summary>
    /// The letters of the tokens, letter first: <see cref="LetterTime"/> x Time x Rows ids, 0 past the end of a token. Null for none.
    /// </summary>
    public int[]? Letters { get; private set; }

    /// <summary>Letters of each token, Time x Rows, at least 1: a token without letters, and a step past the end of a row, has one of padding.</summary>
    public int[]? LetterLengths { get; private set; }

    /// <summary>Letters of the longest token.</summary>
    public int LetterTime { get; private set; }

    /// <summary>Valid steps of each row (the first <see cref="Rows"/> entries), at least 1; null if all rows have <see cref="Time"/> steps.</summary>
    public int[]? Lengths { get; private set; }

    /// <summary>Static features [Rows, statics], raw; null for none.</summary>
    public Tensor? Statics => _statics;

    /// <summary>Known future features of each forecast step: [horizon, Rows, features], raw, time first; null for none.</summary>
    public Tensor? Future => _future;

    /// <summary>The series of each row, the first <see cref="Rows"/> entries: 0 for unknown. Null if not needed.</summary>
    public int[]? Series { get; private set; }

    /// <summary>
    /// Targets [Rows, n], raw: the label of a regression, or the future of a forecaster (horizon x targets, step by step). If there are some for each step of
    /// the rows (<see cref="HasStepTargets"/>), [Time, Rows, n]. NaN for a missing one, and past the length of a row.
    /// </summary>
    public Tensor? Targets => _targets;

    /// <summary>Whether there are targets for each step.</summary>
    public bool HasStepTargets { get; private set; }

    /// <summary>Class labels, the first <see cref="Rows"/> entries: 0 or 1, or a class index.</summary>
    public int[]? Labels { get; private set; }

    /// <summary>Class labels per step: Time x Rows, time first; negative for none, as past the length of a row. Null if there are none.</summary>
    public int[]? StepLabels { get; private set; }

    /// <summary>
    /// Target token sequences with their own steps, such as translations: <see cref="AnswerTime"/> x Rows, time first; negative past the end of a row. Null if
    /// there are none.
    /// </summary>
    public int[]? Answers { get; private set; }

    /// <summary>Steps of the longest sequence of <see cref="Answers"/>.</summary>
    public int AnswerTime { get; private set; }

    /// <summary>
    /// Whether each row continues the same row of the previous batch (truncated backpropagation through time); false if all rows start a sequence.
    /// </summary>
    public bool ContinuesState { get; set; }

    /// <summary>Row weights [Rows]; null for equal weights.</summary>
    public Tensor? Weights => _weights;

    /// <summary>
    /// The output of the layers for each row, [Rows, n], if a network that carries its state has read the series up to it; null for none.
    /// </summary>
    public Tensor? Body { get; private set; }

    /// <summary>Normal scores for sample paths, [Rows, n]; null for none.</summary>
    public Tensor? Noise => _noise;

    /// <summary>
    /// Ids of a category, by index: Time x Rows, time first, or Rows for a static one. Allocates room for <paramref name="count"/> ids if given.
    /// </summary>
    public int[] Categories(int category, int count = 0) => Buffer(_categories, category, count);

    /// <summary>Ids of a future category: horizon x Rows, time first.</summary>
    public int[] FutureCategories(int category, int count = 0) => Buffer(_futureCategories, category, count);

    /// <summary>
    /// Sets the size and provides the requested buffers. Their contents are undefined, except <see cref="Values"/> and <see cref="Tokens"/>, which are zero,
    /// and <see cref="StepLabels"/> and <see cref="Answers"/>, which are -1. <see cref="Targets"/> of steps are NaN.
    /// </summary>
    public void Resize(int rows, int time, int features, bool tokens = false, bool lengths = false, int statics = 0, int targets = 0, bool labels = false,
        bool weights = false, bool stepLabels = false, bool stepTargets = false,
        int future = 0, int horizon = 0, int answerTime = 0, int noise = 0, bool series = false,
        StretchPositions? positions = null)
    {
        (Rows, Time, AnswerTime, Positions, HasStepTargets) = (rows, time, answerTime, positions, stepTargets);
        Fit(ref _values, features > 0, new Shape(time, rows, features));
        _values?.Span.Clear();
        Fit(ref _statics, statics > 0, new Shape(Forecasts, statics));
        Fit(ref _future, future > 0, new Shape(horizon, Forecasts, future));
        Fit(ref _targets, targets > 0, stepTargets ? new Shape(time, rows, targets) : new Shape(Forecasts, targets));
        if (stepTargets) _targets!.Span.Fill(float.NaN);
        Fit(ref _weights, weights, new Shape(Forecasts));
        Fit(ref _noise, noise > 0, new Shape(rows, noise));
        Tokens = Fit(Tokens, tokens, time * rows);
        if (tokens) Array.Clear(Tokens!, 0, time * rows);
        Lengths = Fit(Lengths, lengths, rows);
        Labels = Fit(Labels, labels, rows);
        Series = Fit(Series, series, Forecasts);
        StepLabels = Fit(StepLabels, stepLabels, time * rows);
        if (stepLabels) Array.Fill(StepLabels!, -1, 0, time * rows);
        Answers = Fit(Answers, answerTime > 0, answerTime * rows);
        if (answerTime > 0) Array.Fill(Answers!, -1, 0, answerTime * rows);
        (ContinuesState, Body) = (false, null);
    }

    /// <summary>Provides the buffer of <see cref="Body"/>, until the next <see cref="Resize"/>.</summary>
    public Tensor ResizeBody(int features)
    {
        Fit(ref _body, true, new Shape(Rows, features));
        return Body = _body!;
    }

    /// <summary>Provides the buffers of letters, for tokens of at most so many; they are 0, and the lengths 1.</summary>
    public void ResizeLetters(int letters)
    {
        LetterTime = letters;
        Letters = Fit(Letters, letters > 0, letters * Time * Rows);
        LetterLengths = Fit(LetterLengths, letters > 0, Time * Rows);
        if (letters == 0) return;
        Array.Clear(Letters!, 0, letters * Time * Rows);
        Array.Fill(LetterLengths!, 1, 0, Time * Rows);
    }

    /// <summary>
    /// Whether a binary label is true, one of several of a row, row by row, or the only one; null if it is not known. The former are <see cref="Targets"/>.
    /// </summary>
    public bool? LabelAt(int place) => _targets is null ? Labels![place] == 1 : float.IsNaN(_targets[place]) ? null : _targets[place] > 0.5f;

    /// <summary>The weight of a step in a loss, time first: that of its row, or 0 if it has no label.</summary>
    public float StepWeight(int step)
    {
        var isLearned = StepLabels is { } labels ? labels[step] >= 0
            : _targets!.Span.Slice(step * _targets.Shape.Columns, _targets.Shape.Columns).ContainsAnyExcept(float.NaN);
        return isLearned ? _weights?[step % Rows] ?? 1 : 0;
    }

    /// <summary>The weight of a token of <see cref="Answers"/> in a loss: that of its row, or 0 past the end of the row.</summary>
    public float AnswerWeight(int place) => Answers![place] < 0 ? 0 : _weights?[place % Rows] ?? 1;

    public void Dispose()
    {
        Resize(0, 0, 0);
        _body?.Dispose();
        _body = null;
    }

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
