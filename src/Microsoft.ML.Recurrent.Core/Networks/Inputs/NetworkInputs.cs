using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>
/// Prepares the raw numbers and categories of a batch for the network: standardization, window normalization, and embedding of categories, concatenated with
/// the numeric features.
/// </summary>
internal sealed class NetworkInputs
{
    private readonly NetworkDescription _description;
    private readonly Parameter? _inputMean, _inputScale, _staticMean, _staticScale, _futureMean, _futureScale, _seriesLevel, _seriesScale;
    private readonly Parameter[] _tables;

    public NetworkInputs(NetworkDescription description)
    {
        _description = description;
        if (description.MasksMissing && !description.AllowsMissing || description.AllowsMissing && (description.Time is null || description.Vocabulary > 0))
            throw new ArgumentException("Missing-value masks need AllowsMissing, and AllowsMissing needs windows of a fixed size.", nameof(description));
        if (description.FutureMasks > 0 && (!description.AllowsMissing || description.FutureMasks > description.FutureFeatures))
            throw new ArgumentException("Masks of future features need AllowsMissing and at most as many masks as future features.", nameof(description));
        if (description.RunningScale && (description is not { WindowNormalization: WindowNormalization.Difference, SeriesScaling: null }
            || description.Lags.Length > 0 && !description.RelativeLags))
            throw new ArgumentException("A running scale is one of differences, and lags relative to their step, without statistics of series.",
                nameof(description));
        if (description.RelativeAverages is { } averages && (description.WindowNormalization is not WindowNormalization.Difference
            || description.Time is null || averages.Lengths.Any(static length => length < 2)))
            throw new ArgumentException("Distances from averages of at least 2 steps need differences of windows of a fixed size.", nameof(description));
        if (description.CarriesState && (description is { Time: null or < 2 } or { Decoder: not null } or { Vocabulary: > 0 } or { PerStep: true }))
            throw new ArgumentException("States are carried by a network of windows of a fixed size, without a decoder.", nameof(description));
        foreach (var lag in description.Lags)
        {
            if (lag < 1 || lag >= description.Time)
                throw new ArgumentException(
                    $"A lag of {lag} steps does not fit a window of {description.Time} steps: lags must be at least 1 and less than the window.",
                    nameof(description));
        }
        if (!description.Lags.IsEmpty && (description.Time is null || description.LaggedFeatures < 1 || description.LaggedFeatures > description.Features))
            throw new ArgumentException("Lags need windows of a fixed size and features to look up.", nameof(description));
        var all = new List<Parameter>();
        if (description.Standardize)
        {
            (_inputMean, _inputScale) = Constants("input", description.Features);
            (_staticMean, _staticScale) = Constants("static", description.Statics);
            (_futureMean, _futureScale) = Constants("future", description.FutureFeatures);
        }
        if (description.SeriesScaling is { } scaling)
        {
            if (description.WindowNormalization is WindowNormalization.None || description.Time is null || scaling.Series < 1)
                throw new ArgumentException(
                    "Normalization by series needs a window normalization, windows of a fixed size, and at least one series.", nameof(description));
            if (SeriesScaling.HasLevel(description.WindowNormalization)) _seriesLevel = Table(SeriesScaling.LevelName);
            _seriesScale = Table(SeriesScaling.ScaleName);

            Parameter Table(string name)
            {
                var table = new Parameter(name, new Shape(scaling.Series, description.Features), trainable: false);
                all.Add(table);
                return table;
            }
        }
        _tables = [.. description.Categories.Select(category => new Parameter(category.Name + ".weight", new Shape(category.Vocabulary, category.Size)))];
        Parameters = [.. all, .. _tables];

        (Parameter?, Parameter?) Constants(string name, int length) =>
            length == 0 ? (null, null) : (Fixed(name + ".mean", length, 0), Fixed(name + ".scale", length, 1));

        Parameter Fixed(string name, int length, float value)
        {
            var parameter = new Parameter(name, new Shape(length), trainable: false);
            parameter.Value.Span.Fill(value);
            all.Add(parameter);
            return parameter;
        }
    }

    /// <summary>Constants, then embedding tables.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Mean and scale of the features over the training set; null without standardization.</summary>
    public (Parameter? Mean, Parameter? Scale) Standardization => (_inputMean, _inputScale);

    /// <summary>Initializes the embeddings: U(-0.05, 0.05), as in Keras.</summary>
    public void Initialize(ulong seed)
    {
        foreach (var table in _tables) Initializer.Uniform(table.Value.Span, 0.05, new RandomStream(seed, table.Name));
    }

    /// <summary>Sets the embeddings of values not seen in training to the mean of those seen.</summary>
    /// <param name="met">For each category and id, whether training has seen it.</param>
    public void FillUnknown(IReadOnlyList<bool[]> met)
    {
        for (var i = 0; i < _tables.Length; i++)
        {
            var (table, size, known) = (_tables[i].Value, _tables[i].Shape[1], met[i].Count(seen => seen));
            if (known == 0) continue;
            for (var j = 0; j < size; j++)
            {
                double sum = 0;
                for (var id = 0; id < met[i].Length; id++) sum += met[i][id] ? table[id * size + j] : 0;
                for (var id = 0; id < met[i].Length; id++)
                    if (!met[i][id]) table[id * size + j] = (float)(sum / known);
            }
        }
    }

    /// <summary>The steps of the window as input of the layers, and the removed level and scale of each row's features.</summary>
    public (Signal Signal, Tensor? Level, Tensor? Scale, Tensor? Window) Sequence(Tape tape, SequenceBatch batch)
    {
        var signal = new Signal(null, batch.Lengths) { Time = batch.Time, Rows = batch.Rows };
        if (_description.Vocabulary > 0)
        {
            var tokens = batch.Tokens ?? throw new ArgumentException("The network takes tokens, but the batch holds numbers.", nameof(batch));
            return (signal with { Tokens = tokens }, null, null, null);
        }

        var values = Numbers(batch);
        values = LoggedInputs.Apply(tape, values, _description.Transform, _description.TransformedFeatures);
        values = InputNormalization.Standardize(tape, values, _inputMean?.Value, _inputScale?.Value);
        using var hidden = tape.Training && _description.SeriesScaling is { HasIds: true }
            ? RandomMasks.Bernoulli(new Shape(batch.Rows), SeriesScaling.HiddenShare, tape.Seed, tape.NextStream())
            : null;
        (values, var level, var scale) = InputNormalization.Window(tape, values, _description.WindowNormalization, batch.Lengths, _description.UnscaledFeatures,
            Series(batch, hidden), batch.Positions?.Window ?? 0, _description.RunningScale);
        Tensor? window = null, known = null, running = null;
        if (batch.Positions is { } positions)
        {
            (window, level, scale) = StretchInputs.Windows(tape, values, level, scale, _description, positions);
            window = Whole(window);
            // A recursive decoder is fed the lags of the step after a position, wherever they lie in its window.
            if (HasLags && _description.Decoder is { IsRecursive: true }) known = StretchInputs.Encoded(tape, Lagged(values)!, positions);
            if (!_description.CarriesState) values = StretchInputs.Encoded(tape, values, positions);
        }
        // What is read of a step with a carried state is that of the window that ends there.
        var past = _description.CarriesState ? _description.Time!.Value : 0;
        var mask = _description.MasksMissing ? MissingInputs.Mask(tape, values) : null;
        var steps = _description.WindowNormalization is WindowNormalization.Difference
            ? InputNormalization.Differences(tape, values, _description.UnscaledFeatures)
            : null;
        running = _description.RunningScale ? InputNormalization.RunningScale(tape, steps!, _description.UnscaledFeatures, past) : null;
        if (running is not null) steps = InputNormalization.Divide(steps!, running, _description.Features);
        var (time, lagged, averaged) = (values.Shape[0], known ?? Lagged(values), Averaged(values));
        values = Whole(values);
        window ??= values;
        if (steps is not null) values = Whole(steps);
        if (past > 0)
        {
            time -= past - 1;
            values = Last(values)!;
            (lagged, averaged, mask) = (Last(lagged), Last(averaged), Last(mask));
        }
        values = WithCategories(tape, batch, values, time)!;
        if (lagged is not null) values = ConcatOperation.Apply(tape, values, lagged);
        if (averaged is not null) values = ConcatOperation.Apply(tape, values, averaged);
        if (mask is not null) values = ConcatOperation.Apply(tape, values, mask);
        return (signal with { Values = values, Time = time }, level, scale, window);

        Tensor? Last(Tensor? x) => x is null ? null : SliceOperation.Apply(tape, x, past - 1, time);

        Tensor Whole(Tensor x) => _description.AllowsMissing ? MissingInputs.Zeros(tape, x) : x;

        Tensor? Averaged(Tensor x)
        {
            if (_description.RelativeAverages is not { } averages) return null;
            var features = _description.Features - _description.UnscaledFeatures;
            var averaged = RelativeAverages.Apply(tape, x, features, averages.Lengths.AsSpan(), past);
            return Whole(running is null ? averaged : InputNormalization.Divide(averaged, running, features));
        }

        // A difference from a missing value is missing, whatever the level.
        Tensor? Lagged(Tensor x)
        {
            if (!HasLags) return null;
            var lagged = LaggedInputs.OfWindow(tape, _description.RelativeLags ? x : Whole(x), _description.LaggedFeatures, _description.Lags.AsSpan(),
                _description.RelativeLags);
            return Whole(running is null ? lagged : InputNormalization.Divide(lagged, running, _description.LaggedFeatures));
        }
    }

    /// <summary>What joins the vectors of the tokens, [time, rows, WidthBesideTokens]; null for none.</summary>
    public Tensor? BesideTokens(Tape tape, SequenceBatch batch)
    {
        if (_description.WidthBesideTokens == 0) return null;
        var values = _description.Features == 0 ? null : InputNormalization.Standardize(tape, Numbers(batch), _inputMean?.Value, _inputScale?.Value);
        return WithCategories(tape, batch, values, batch.Time);
    }

    private Tensor Numbers(SequenceBatch batch)
    {
        var values = batch.Values ?? throw new ArgumentException("The network takes numbers, but the batch holds tokens.", nameof(batch));
        return values.Shape.Columns == _description.Features ? values
            : throw new ArgumentException($"The network takes {_description.Features} features per step, but the batch has {values.Shape.Columns}.",
                nameof(batch));
    }

    // The categories of the steps after their numbers; they are those of the last steps if there are fewer than in the batch.
    private Tensor? WithCategories(Tape tape, SequenceBatch batch, Tensor? values, int time)
    {
        for (var i = 0; i < _tables.Length; i++)
        {
            if (_description.Categories[i].Place is CategoryPlace.Static) continue;
            var ids = batch.Categories(i);
            if (time < batch.Time) ids = ids[((batch.Time - time) * batch.Rows)..];
            var vectors = Vectors(tape, i, ids, time, batch.Rows);
            values = values is null ? vectors : ConcatOperation.Apply(tape, values, vectors);
        }
        return values;
    }

    /// <summary>The static features, [rows, StaticWidth]; null for none.</summary>
    public Tensor? Statics(Tape tape, SequenceBatch batch)
    {
        Tensor? statics = null;
        if (_description.Statics > 0)
        {
            statics = batch.Statics
                ?? throw new ArgumentException($"The network takes {_description.Statics} static features per row, but the batch has none.", nameof(batch));
            statics = InputNormalization.Standardize(tape, statics, _staticMean?.Value, _staticScale?.Value);
            if (_description.AllowsMissing) statics = MissingInputs.Zeros(tape, statics);
        }
        for (var i = 0; i < _tables.Length; i++)
        {
            if (_description.Categories[i].Place is not CategoryPlace.Static) continue;
            var vectors = Vectors(tape, i, batch.Categories(i), batch.Forecasts);
            statics = statics is null ? vectors : ConcatOperation.Apply(tape, statics, vectors);
        }
        return statics;
    }

    private bool HasLags => _description.Lags.Length * _description.LaggedFeatures > 0;

    /// <summary>The known future features, [horizon, rows, FutureWidth]; null for none.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="window">The window from <see cref="Sequence"/>, for the lags.</param>
    public Tensor? Future(Tape tape, SequenceBatch batch, Tensor? window)
    {
        var horizon = _description.Horizon;
        Tensor? future = null, mask = null;
        if (_description.FutureFeatures > 0)
        {
            future = batch.Future;
            if (future is null || future.Shape[0] != horizon || future.Shape.Columns != _description.FutureFeatures)
                throw new ArgumentException(
                    $"The network takes {_description.FutureFeatures} future features for each of {horizon} steps, but the batch "
                        + $"has {future?.Shape.ToString() ?? "none"}.", nameof(batch));
            future = InputNormalization.Standardize(tape, future, _futureMean?.Value, _futureScale?.Value);
            if (_description.FutureMasks > 0) mask = MissingInputs.Mask(tape, future, _description.FutureMasks);
            if (_description.AllowsMissing) future = MissingInputs.Zeros(tape, future);
        }
        for (var i = 0; i < _tables.Length; i++)
        {
            if (_description.Categories[i].Place is not CategoryPlace.Future) continue;
            var vectors = Vectors(tape, i, batch.FutureCategories(i), horizon, batch.Forecasts);
            future = future is null ? vectors : ConcatOperation.Apply(tape, future, vectors);
        }
        if (HasLags)
        {
            var lagged = LaggedInputs.OfFuture(tape, window!, _description.LaggedFeatures, _description.Lags.AsSpan(), horizon);
            future = future is null ? lagged : ConcatOperation.Apply(tape, future, lagged);
        }
        return mask is null ? future : ConcatOperation.Apply(tape, future!, mask);
    }

    /// <summary>
    /// The inputs of a dynamic regression, [steps, rows, n]: the numbers and embedded categories known ahead, of the window's steps and of the horizon's; or
    /// all future features of the horizon's steps if it does not read the window.
    /// </summary>
    /// <param name="tape">Receives the operations.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="window">The window, as the layers read it.</param>
    /// <param name="future">What <see cref="Future"/> gave for it.</param>
    public Tensor Covariates(Tape tape, SequenceBatch batch, Tensor? window, Tensor future)
    {
        if (_description.DynamicRegression is not { ReadsWindow: true }) return future;
        var (features, horizon, rows, time) = (_description.FutureFeatures, _description.Horizon, batch.Forecasts, batch.Positions?.Window ?? batch.Time);
        Tensor? steps = null;
        if (features > 0)
        {
            // Numbers are inputs, so there is no gradient.
            steps = tape.Rent(new Shape(time + horizon, rows, features));
            for (var i = 0; i < steps.Shape.Rows; i++)
            {
                var (from, last) = i < time * rows ? (window!, window!.Shape.Columns) : (future, features);
                var row = from == future ? i - time * rows : i;
                from.Span.Slice(row * from.Shape.Columns + last - features, features).CopyTo(steps.Span[(i * features)..]);
            }
        }
        for (var i = 0; i < _tables.Length; i++)
        {
            if (_description.Categories[i].Place is not CategoryPlace.Future) continue;
            var past = batch.Categories(i);
            int[] ids = [.. batch.Positions is { } positions ? StretchInputs.Categories(past, batch.Rows, positions) : past.AsSpan(0, time * rows),
                .. batch.FutureCategories(i).AsSpan(0, horizon * rows)];
            var vectors = Vectors(tape, i, ids, time + horizon, rows);
            steps = steps is null ? vectors : ConcatOperation.Apply(tape, steps, vectors);
        }
        return steps!;
    }

    private SeriesStatistics? Series(SequenceBatch batch, Tensor? hidden) => _description.SeriesScaling is not { } scaling ? null
        : new(_seriesLevel?.Value, _seriesScale!.Value,
            scaling.HasIds
                ? batch.Series ?? throw new ArgumentException("The network normalizes by series, but the batch does not give the series of its rows.",
                    nameof(batch))
                : null, hidden);

    private Tensor Vectors(Tape tape, int category, int[] ids, params ReadOnlySpan<int> axes)
    {
        var shape = axes.Length == 1
            ? new Shape(axes[0], _description.Categories[category].Size)
            : new Shape(axes[0], axes[1], _description.Categories[category].Size);
        if (ids.Length < shape.Rows)
            throw new ArgumentException(
                $"The network takes the category '{_description.Categories[category].Name}', but the batch has {ids.Length} ids of it instead of "
                    + $"the {shape.Rows} "
                    + $"needed.");
        return EmbeddingOperation.Apply(tape, _tables[category].Value, ids, shape);
    }
}
