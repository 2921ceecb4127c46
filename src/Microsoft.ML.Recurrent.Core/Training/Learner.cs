using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training.Logging;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Trains on one batch: forward, backward, clip, update, average. Holds the state that the training loop keeps between batches.</summary>
internal sealed class Learner : ICheckpointed, IDisposable
{
    private readonly Network _network;
    private readonly Head _head;
    private readonly TrainingSettings _settings;
    private readonly Tape _tape;
    private readonly Optimizer _optimizer;
    private readonly Parameter[] _parameters, _sparse;
    // Of a row of a table that few batches read, Adagrad keeps the rate by the batches that read it, and leaves all other rows alone.
    private readonly Optimizer? _sparseOptimizer;
    private readonly WeightAverage? _average;
    private readonly NetworkState? _state;
    private int _batches;
    private double _weight;

    public Learner(Network network, Head head, TrainingSettings settings, bool carriesState = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchesPerUpdate, 1, nameof(settings));
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.LogEverySteps, 1, nameof(settings));
        (_network, _head, _settings) = (network, head, settings);
        _tape = new Tape(Philox.Mix(settings.Seed, RandomStream.StreamOf("dropout"))) { Training = true };
        _optimizer = Optimizer.Create(settings.Optimizer, settings.Momentum, settings.WeightDecay, decayVectors: false, settings.OptimizerConstants);
        _sparse = network.Ngrams is { } ngrams ? [ngrams.Weight] : [];
        _parameters = [.. network.Parameters.Except(_sparse)];
        if (_sparse.Length > 0) _sparseOptimizer = Optimizer.Create(OptimizerKind.Adagrad);
        _state = carriesState ? new NetworkState() : null;
        Statistics = settings.LogStatistics && settings.Loggers.Count > 0
            ? new TrainingStatistics(network.AllLayers.OfType<RecurrentLayer>().Select(layer => layer.Name))
            : null;
        _average = settings.EmaDecay is { } decay ? new WeightAverage(_parameters, decay) : null;
    }

    /// <summary>Layer statistics of the last batch of a logged update; null if not requested.</summary>
    public TrainingStatistics? Statistics { get; }

    /// <summary>Whether gradients are accumulated but not yet applied; no checkpoint is written then.</summary>
    public bool HasPending => _batches > 0;

    /// <summary>
    /// Trains on a batch. The weights are updated after every <see cref="TrainingSettings.BatchesPerUpdate"/> batches and at the end of the epoch.
    /// </summary>
    public void Learn(SequenceBatch batch, TrainingRun run)
    {
        var parameters = _network.Parameters;
        _settings.Augmentation?.Apply(batch, new RandomStream(_tape.Seed, _tape.NextStream()), _settings.RareTokens);
        Observe((run.Step + 1) % _settings.LogEverySteps == 0);
        var options = new ForwardOptions(_state, _head.LearnsFromStates)
        {
            TeacherForcing = _settings.TeacherForcing?.ProbabilityAt(run.Time),
            Bptt = new(_settings.SegmentSteps, _settings.TruncationSteps)
        };
        var output = _network.Forward(_tape, batch, options);
        var loss = _head.Loss(_tape, output, batch);
        double value = loss.Span[0], weight = WeightOf(batch);
        if (output.Ngrams is { } ngrams) loss = AddScaledOperation.Apply(_tape, loss, _head.Loss(_tape, output with { Values = ngrams }, batch), 1, 1);
        if (!float.IsFinite(loss.Span[0])) throw TrainingDivergedException.OfLoss(run, batch, loss.Span[0]);

        for (var i = 0; i < parameters.Count && _batches == 0; i++) parameters[i].ZeroGradient();
        // A mean over rows or steps. If losses are summed over the steps, a row counts once per step.
        var share = _settings.SumLossOverSteps ? batch.Rows : weight;
        _tape.Backward(loss, _settings.BatchesPerUpdate > 1 ? (float)weight : share == weight || share == 0 ? 1 : (float)(weight / share));
        _tape.Reset();
        _batches++;
        _weight += share;

        if (_batches == _settings.BatchesPerUpdate || run.Batch + 1 >= run.BatchesPerEpoch) Update(batch, value, run);
        run.EndBatch(value, weight, batch.Forecasts);
        run.RandomStreams = _tape.StreamsDrawn;
    }

    /// <summary>Swaps the weights with their average, if there is one.</summary>
    public void SwapAverage() => _average?.Swap();

    /// <summary>
    /// The weight of a batch in a mean over batches: its rows or the sum of their weights; with labels at every step, or target tokens, those of the labels or
    /// tokens.
    /// </summary>
    public static double WeightOf(SequenceBatch batch)
    {
        if (batch.Answers is not null)
        {
            double tokens = 0;
            for (var i = 0; i < batch.AnswerTime * batch.Rows; i++) tokens += batch.AnswerWeight(i);
            return tokens;
        }

        if (batch.StepLabels is not null || batch.HasStepTargets)
        {
            double learned = 0;
            for (var i = 0; i < batch.Time * batch.Rows; i++) learned += batch.StepWeight(i);
            return learned;
        }

        if (batch.Weights is null) return batch.Rows;
        double sum = 0;
        foreach (var weight in batch.Weights.Span) sum += weight;
        return sum;
    }

    public void Save(BinaryWriter writer)
    {
        foreach (var parameter in _network.Parameters) writer.Write(parameter.Value);
        writer.Write(_tape.StreamsDrawn);
        writer.Write(_optimizer.Steps);
        foreach (var slot in Slots()) writer.Write(slot);

        _average?.Save(writer);
        _state?.Save(writer);
    }

    public void Load(BinaryReader reader, TrainingRun run)
    {
        foreach (var parameter in _network.Parameters) reader.Read(parameter.Value);
        run.RandomStreams = _tape.StreamsDrawn = reader.ReadUInt64();
        _optimizer.Steps = reader.ReadInt64();
        foreach (var slot in Slots()) reader.Read(slot);

        _average?.Load(reader, run);
        _state?.Load(reader);
    }

    public void Dispose()
    {
        _tape.Dispose();
        _optimizer.Dispose();
        _sparseOptimizer?.Dispose();
        _average?.Dispose();
        _state?.Dispose();
    }

    // Adagrad does not read the number of its steps.
    private IEnumerable<Tensor> Slots() => _parameters.Where(parameter => parameter.Trainable).SelectMany(_optimizer.Slots)
        .Concat(_sparse.Where(parameter => parameter.Trainable).SelectMany(parameter => _sparseOptimizer!.Slots(parameter)));

    private void Observe(bool logged)
    {
        if (Statistics is null) return;
        _tape.Observer = logged ? Statistics : null;
        if (logged) Statistics.Begin();
    }

    private void Update(SequenceBatch batch, double loss, TrainingRun run)
    {
        var parameters = _parameters;
        var mean = _settings.BatchesPerUpdate == 1 ? 1 : _weight > 0 ? 1 / _weight : 0;
        (_batches, _weight) = (0, 0);
        for (var i = 0; i < parameters.Length; i++) Prepare(parameters[i], (float)mean, run.Step + 1);
        var norm = mean * GradientClipping.GlobalNorm(parameters);
        if (!double.IsFinite(norm)) throw TrainingDivergedException.OfGradient(run, batch, loss);
        var rate = run.NextRate();
        _optimizer.Step(parameters, (float)rate, (float)mean * GradientClipping.ScaleFor(norm, _settings.GradientClipNorm));
        if (_network.Ngrams is { IsLearning: true })
            _sparseOptimizer!.Step(_sparse, (float)(_settings.NgramRateFactor * rate), (float)mean);
        _average?.Update();
        run.EndUpdate(norm);
    }

    // Adds the gradient of an L1 penalty and noise, and clips by element. The gradient is a sum here; it is divided to a mean later.
    private void Prepare(Parameter parameter, float mean, long step)
    {
        var clips = float.IsFinite(_settings.GradientClipValue);
        if (!parameter.Trainable || (_settings is { L1Regularization: 0, GradientNoise: 0 } && !clips)) return;
        var gradient = parameter.Gradient.Span;
        if (_settings.L1Regularization > 0 && parameter.Shape.Rank > 1)
        {
            var (weights, slope) = (parameter.Value, _settings.L1Regularization / mean);
            for (var i = 0; i < gradient.Length; i++) gradient[i] += weights.Span[i] > 0 ? slope : weights.Span[i] < 0 ? -slope : 0;
        }

        if (_settings.GradientNoise > 0)
        {
            var (noise, deviation) = (new RandomStream(_tape.Seed, _tape.NextStream()), _settings.GradientNoise / Math.Pow(step, 0.275) / mean);
            foreach (ref var slope in gradient) slope += (float)(deviation * noise.NextGaussian());
        }

        if (!clips) return;
        var bound = _settings.GradientClipValue / mean;
        TensorPrimitives.Min(gradient, bound, gradient);
        TensorPrimitives.Max(gradient, -bound, gradient);
    }
}
