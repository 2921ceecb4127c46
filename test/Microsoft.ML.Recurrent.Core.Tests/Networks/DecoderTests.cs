using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>
/// All forms of numeric decoders: outputs and gradients against the double-precision reference, overfitting one batch, and the same bits with any number of
/// threads and after an interruption.
/// </summary>
[TestClass]
public class DecoderTests
{
    private const int Time = 6, Steps = 4;

    private static readonly int[] s_lengths = [6, 3, 4];

    private static readonly Dictionary<string, NetworkDescription> s_forms = new()
    {
        ["same size"] = Describe(Body.Lstm(5), Body.Lstm(5)),
        ["bridged from two directions"] = Describe(Body.Gru(3, bidirectional: true), Body.Lstm(5), future: 2),
        ["bridged between cells"] = Describe(Body.Lstm(4), Body.Gru(4).SimpleRnn(3), statics: 2),
        ["deeper encoder"] = Describe(Body.Gru(4).Gru(3), Body.Gru(3), parameters: 3, location: 1),
        ["attention dot"] = Describe(Body.Gru(4), Body.Gru(4), attention: AttentionForm.Dot),
        ["attention general"] = Describe(Body.Gru(3, bidirectional: true), Body.Gru(5), attention: AttentionForm.General, future: 1),
        ["attention additive"] = Describe(Body.Lstm(4), Body.Lstm(3), attention: AttentionForm.Additive, units: 5),
        ["input feeding"] = Describe(Body.Lstm(4), Body.Lstm(4).Lstm(4), attention: AttentionForm.General, feeding: true, statics: 1),
        ["season"] = Describe(Body.Gru(4), Body.Gru(4), season: 3, parameters: 2),
        ["recursive"] = Describe(Body.SimpleRnn(5), null, features: 2),
        ["recursive over the window"] = Describe(Body.Lstm(4).Gru(3), null, features: 2, parameters: 2, learnsWindow: true, season: 2, statics: 2),
        ["recursive with what is known"] = Describe(Body.Gru(4), null, features: 3, future: 1, learnsWindow: true),
        ["linear path"] = Describe(Body.Gru(4), Body.Gru(4), parameters: 3, location: 1, season: 2) with { Horizon = Steps, LinearSkip = new(2, 1, 2) },
        ["differences"] = Stepped(Describe(Body.Gru(4), Body.Gru(4), parameters: 2, season: 2)),
        ["recursive differences"] = Stepped(Describe(Body.Lstm(4), null, features: 2, parameters: 3, location: 1, learnsWindow: true, season: 2)),
        ["recursive differences of a whole season"] = Stepped(Describe(Body.Gru(4), null, features: 2, learnsWindow: true, season: Time)),
        ["recursive differences with what is known"] = Stepped(Describe(Body.Gru(4), null, features: 3, future: 1)),
        ["counts"] = Counts(Describe(Body.Gru(4), Body.Gru(4), parameters: 2)),
        ["recursive counts"] = Counts(Describe(Body.Gru(4), null, features: 2, parameters: 2)),
    };

    public static IEnumerable<object[]> Forms => s_forms.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> Cases =>
        from form in s_forms.Keys from forcing in new[] { 0f, 0.5f, 1f } from masked in new[] { false, true } select new object[] { form, forcing, masked };

    private static SequenceNetwork Body => SequenceNetwork.Create();

    /// <summary>Gradients of all weights with teacher forcing, with own outputs and with both, with and without lengths.</summary>
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Gradients_agree_with_the_reference(string form, float forcing, bool masked)
    {
        const int rows = 3;
        var description = masked ? Varying(s_forms[form]) : s_forms[form];
        // Training steps of the window need full-length rows.
        if (masked && description.Decoder!.LearnsWindow) description = description with { Decoder = description.Decoder with { LearnsWindow = false } };
        var decoder = description.Decoder!;
        using var network = new Network(description with { Standardize = false }, seed: 5);
        using var batch = Fill(description, rows, masked);
        Parameter[] weights = [.. network.Parameters];
        var random = new RandomStream(3, 3);
        double[][] values = [.. weights.Select(weight => GradientChecker.Normal(random, weight.Value.Length).Select(value => 0.6 * value).ToArray())];
        using var coins = RandomMasks.Bernoulli(new Shape(Steps, rows), forcing, 5, 0);
        var truth = new double[batch.Targets!.Length];
        for (var i = 0; i < truth.Length; i++)
            truth[(i / decoder.Targets % Steps * rows + i / (Steps * decoder.Targets)) * decoder.Targets + i % decoder.Targets] = batch.Targets[i];

        GradientChecker.Check(
            (tape, operands) =>
            {
                for (var i = 0; i < operands.Length; i++)
                {
                    // The gradients of the network's weights are those of the operands.
                    operands[i].Span.CopyTo(weights[i].Value.Span);
                    operands[i].Gradient = weights[i].Gradient;
                    (operands[i].HasGradient, weights[i].Value.HasGradient) = (true, true);
                }

                var output = network.Forward(tape, batch, new() { TeacherForcing = forcing });
                return output.Learned is { } learned ? [output.Values, learned.Values] : [output.Values];
            },
            operands => new DecoderReference
            {
                Description = description, Rows = rows, Window = Double(batch.Values!), Lengths = masked ? s_lengths : null,
                Statics = batch.Statics is { } statics ? Double(statics) : null,
                Future = batch.Future is { } future ? Double(future) : null, Truth = forcing > 0 ? truth : null,
                Taught = forcing is > 0 and < 1 ? coins.Span.ToArray() : null,
                Weights = weights.Zip(operands).ToDictionary(pair => pair.First.Name, pair => pair.Second),
            }.Run(),
            [.. weights.Select(weight => weight.Shape)], values);
        foreach (var weight in weights) weight.Value.Gradient = null;
    }

    /// <summary>Masks shared by all steps are also shared if the steps run one by one: running all at once gives the same result.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Shared_masks_stay_from_step_to_step(bool recursive)
    {
        var options = new RecurrentLayerOptions { InputDropout = 0.4f, RecurrentDropout = 0.4f };
        var layers = Body.Gru(7, options).Dropout(0.4f, sharedOverTime: true);
        using var network = new Network(Describe(layers, recursive ? null : layers, features: recursive ? 2 : 3), seed: 5);
        using var batch = Fill(network.Description, 3, masked: false);
        var decoder = network.Decoder!;
        var random = new RandomStream(9);
        float[] x = [.. Enumerable.Range(0, Steps * 3 * decoder.Layers[0].Parameters[0].Shape[1]).Select(_ => (float)random.NextGaussian())];
        // Drawn in the same order: first the encoder's, then the decoder's.
        float[] together = Run(Steps), apart = Run(1);
        for (var i = 0; i < apart.Length; i++) Assert.AreEqual(together[i], apart[i], 1e-6f, $"{i}");
        Assert.IsTrue(Enumerable.Range(0, 3 * 7).Any(i => Enumerable.Range(0, Steps).All(t => apart[t * 21 + i] == 0)), "no number is dropped at all steps");
        Assert.IsFalse(together.SequenceEqual(Run(Steps, seed: 2)));

        float[] Run(int steps, ulong seed = 1)
        {
            using var tape = new Tape { Training = true, Seed = seed };
            var states = new TapeStates();
            var signal = network.Inputs.Sequence(tape, batch).Item1 with { State = states };
            foreach (var layer in network.Layers) signal = layer.Forward(tape, signal);
            var state = decoder.Begin(tape, states, signal);
            List<float> answers = [];
            var length = x.Length / Steps * steps;
            for (var first = 0; first < x.Length; first += length)
            {
                var part = tape.Rent(new Shape(steps, 3, length / steps / 3));
                x.AsSpan(first, length).CopyTo(part.Span);
                answers.AddRange(decoder.Step(tape, new(part, null) { Time = steps, Rows = 3 }, state).Span);
            }

            return [.. answers];
        }
    }

    /// <summary>The managed memory of a batch is that of a few small objects, for any number of rows.</summary>
    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void A_batch_allocates_next_to_nothing(string form)
    {
        using var network = new Network(s_forms[form], seed: 5);
        using var batch = Fill(network.Description, 3, masked: false);
        using var tape = new Tape { Training = true };
        var head = new NumberHead(s_forms[form]);
        for (var i = 0; i < 20; i++) Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++) Step();
        NumberAssert.IsLessThan(1024, (GC.GetAllocatedBytesForCurrentThread() - before) / 50, "bytes a batch");

        void Step()
        {
            tape.Backward(head.Loss(tape, network.Forward(tape, batch, new() { TeacherForcing = 0 }), batch));
            tape.Reset();
        }
    }

    /// <summary>Future features can be embedded categories, which are trained.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Moving_ahead_carries_gradients_back(bool masked) => GradientChecker.Check(
        (tape, x) => [ShiftFutureFeaturesOperation.Apply(tape, x[0], x[1], masked ? s_lengths : null)],
        x => [[.. Enumerable.Range(0, x[0].Length).Select(i =>
        {
            var (t, row, j, length) = (i / 15, i / 5 % 3, i % 5, masked ? s_lengths[i / 5 % 3] : Time);
            return t >= length ? 0 : j < 3 ? x[0][i] : t + 1 < length ? x[0][i + 15] : x[1][row * 2 + j - 3];
        })]], new Shape(Time, 3, 5), new Shape(Steps, 3, 2));

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Learns_a_batch_by_heart(string form)
    {
        using var network = new Network(s_forms[form], seed: 5);
        var data = new TestBatches(Examples(s_forms[form], 8), 8) { Horizon = Steps };
        var head = new NumberHead(s_forms[form]);
        var loop = new TrainingLoop(network, head,
            new TrainingSettings { Seed = 17, MaximumNumberOfEpochs = 700, LearningRate = 0.02f, TeacherForcing = TeacherForcing.Linear(200) });
        var before = loop.Evaluate(data);
        loop.Run(data);
        // Free running, as in validation.
        NumberAssert.IsLessThan(0.1 * before, loop.Evaluate(data));
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_number_of_threads_changes_no_bit(string form)
    {
        CollectionAssert.AreEqual(Train(1), Train(2));

        float[] Train(int threads)
        {
            using var network = new Network(s_forms[form], seed: 5);
            var settings = new TrainingSettings { Seed = 17, MaximumNumberOfEpochs = 3, TeacherForcing = TeacherForcing.Linear(2), Threads = threads };
            new TrainingLoop(network, new NumberHead(s_forms[form]), settings).Run(new TestBatches(Examples(s_forms[form], 70), 32) { Horizon = Steps });
            return TrainingLoopTests.Weights(network);
        }
    }

    [TestMethod]
    public void An_interrupted_run_draws_the_same_numbers()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-decoder-").FullName;
        try
        {
            var whole = Train(null, null);
            foreach (var batch in new[] { 3, 7, 12 }) Train(folder, batch);
            CollectionAssert.AreEqual(whole, Train(folder, null));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static float[] Train(string? folder, int? cancelAt)
        {
            var description = Describe(Body.Gru(6).Dropout(0.2f), Body.Gru(6).Dropout(0.2f), attention: AttentionForm.Additive, feeding: true);
            using var cancellation = new CancellationTokenSource();
            var calls = 0;
            var train = new TestBatches(Examples(description, 64), 16) { OnBatch = (_, _) => { if (++calls == cancelAt) cancellation.Cancel(); } };
            using var network = new Network(description, seed: 5);
            var settings = new TrainingSettings
            {
                Seed = 17, MaximumNumberOfEpochs = 6, CheckpointFolder = folder, Resume = true, LearningRate = 0.01f,
                TeacherForcing = TeacherForcing.InverseSigmoid(2)
            };
            new TrainingLoop(network, new NumberHead(description), settings).Run(train, new TestBatches(Examples(description, 32), 32),
                cancellation: cancellation.Token);
            return TrainingLoopTests.Weights(network);
        }
    }

    /// <summary>The outputs of a padded row equal those of the row alone.</summary>
    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void A_rows_answer_does_not_depend_on_its_batch(string form)
    {
        var description = Varying(s_forms[form]);
        using var network = new Network(description, seed: 5);
        using var tape = new Tape { Recording = false };
        using var together = Fill(description, 3, masked: true);
        var answers = network.Forward(tape, together).Values.Span.ToArray();
        for (var row = 0; row < 3; row++)
        {
            using var alone = new SequenceBatch();
            var (length, features, future) = (s_lengths[row], description.Features, description.FutureFeatures);
            alone.Resize(1, length, features, statics: description.Statics, future: future, horizon: Steps);
            for (var t = 0; t < length; t++) together.Values!.Span.Slice((t * 3 + row) * features, features).CopyTo(alone.Values!.Span[(t * features)..]);
            if (description.Statics > 0) together.Statics!.Span.Slice(row * description.Statics, description.Statics).CopyTo(alone.Statics!.Span);
            for (var t = 0; t < Steps && future > 0; t++)
                together.Future!.Span.Slice((t * 3 + row) * future, future).CopyTo(alone.Future!.Span[(t * future)..]);
            var expected = network.Forward(tape, alone).Values.Span;
            for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], answers[row * expected.Length + i], 2e-6f, $"row {row}");
        }
    }

    [TestMethod]
    public void A_truth_that_is_missing_is_replaced_by_the_answer()
    {
        var description = s_forms["same size"];
        using var network = new Network(description, seed: 5);
        using var tape = new Tape { Training = true };
        using var batch = Fill(description, 3, masked: false);
        batch.Targets!.Span.Fill(float.NaN);
        var own = network.Forward(tape, batch).Values.Span.ToArray();
        tape.Training = false;
        CollectionAssert.AreEqual(network.Forward(tape, batch).Values.Span.ToArray(), own);
    }

    /// <summary>A missing step of the window, a missing season before it, or a missing target does not contribute to training.</summary>
    [TestMethod]
    // Steps 2 to 5 of the window are trained as differences from the two steps before, then the future.
    [DataRow("recursive over the window", new[] { 16 + 3, 16 + 7, 16 + 13 })]
    // Steps 3 to 5, also as differences from the previous step.
    [DataRow("recursive differences", new[] { 14 + 1, 14 + 3, 14 + 5, 14 + 11 })]
    public void What_is_missing_is_not_learned(string form, int[] expected)
    {
        using var network = new Network(s_forms[form] with { AllowsMissing = true }, seed: 5);
        using var tape = new Tape { Training = true };
        using var batch = Fill(network.Description, 2, masked: false);
        // The second target of row 1 at step 3, and of its future at step 2.
        batch.Values![(3 * 2 + 1) * 2 + 1] = float.NaN;
        batch.Targets![Steps * 2 + 2 * 2 + 1] = float.NaN;
        var learned = network.Forward(tape, batch).Learned!.Value;
        int[] missing = [.. Enumerable.Range(0, learned.Targets.Length).Where(i => float.IsNaN(learned.Targets[i]))];
        CollectionAssert.AreEqual(expected, missing);
        Assert.IsTrue(learned.Values.Span.ToArray().All(float.IsFinite));
        float[] levels = [.. Enumerable.Repeat(0.5f, learned.Values.Length / learned.Targets.Length)];
        Assert.IsTrue(float.IsFinite(levels.Length == 2
            ? GaussianLikelihood.Instance.Loss(tape, learned.Values, learned.Targets)[0]
            : DistributionLosses.Quantile(tape, learned.Values, learned.Targets, levels)[0]));
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_summary_counts_all_weights(string form)
    {
        using var network = new Network(s_forms[form], seed: 5);
        var summary = network.Summary();
        Assert.Contains("decoder (", summary);
        var rows = summary.Split('\n').Where(line => line.Contains('(') && char.IsDigit(line[^1]))
            .Sum(line => int.Parse(line.Split(' ')[^1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        Assert.AreEqual(network.Parameters.Where(parameter => parameter.Trainable).Sum(parameter => parameter.Value.Length), rows, summary);
        var json = JsonSerializer.Serialize(s_forms[form]);
        Assert.AreEqual(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<NetworkDescription>(json)));
    }

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        Refused("'gru_2'", Body.Gru(3), Body.Gru(3, bidirectional: true, name: "gru_2"));
        Refused("'front'", Body.Gru(3), Body.Convolution(3, 3, name: "front"));
        Refused("'gru_1'", Body.Gru(3, bidirectional: true), null);
        Refused("'decoder_pooling_1'", Body.Gru(3), Body.Gru(3, name: "own").Pool(SequencePooling.Mean));
        Refused("'dilated'", Body.Gru(3, new RecurrentLayerOptions { Name = "dilated", Dilation = 2 }), Body.Gru(3));
        Refused("General or Additive", Body.Gru(3), Body.Gru(4), attention: AttentionForm.Dot);
        Refused("attention", Body.Gru(3), Body.Gru(3), feeding: true);
        Refused("another strategy", Body.Gru(3), null, features: 4);

        static void Refused(string reason, SequenceNetwork encoder, SequenceNetwork? decoder, AttentionForm? attention = null, bool feeding = false,
            int features = 2) =>
            Assert.Contains(reason,
                Assert.Throws<ArgumentException>(
                    () => new Network(Describe(encoder, decoder, features: features, attention: attention, feeding: feeding), seed: 5)).Message);
    }

    [TestMethod]
    public void Forcing_falls_as_its_schedule_says()
    {
        static float At(TeacherForcing forcing, long step) => forcing.ProbabilityAt(new(step, 1000, 10));
        Assert.AreEqual(0.7f, At(TeacherForcing.Constant(0.7f), 500));
        Assert.AreEqual(1, At(TeacherForcing.Linear(20), 0));
        Assert.AreEqual(0.5f, At(TeacherForcing.Linear(20), 100));
        Assert.AreEqual(0, At(TeacherForcing.Linear(20), 200));
        Assert.AreEqual(0.2f, At(TeacherForcing.Linear(20, 0.9f, 0.2f), 999), 1e-6f);
        Assert.AreEqual(5 / 6f, At(TeacherForcing.InverseSigmoid(), 0), 1e-6f);
        Assert.AreEqual(0.5f, At(TeacherForcing.InverseSigmoid(MathF.E), 27), 0.01f);
        NumberAssert.IsLessThan(1e-6f, At(TeacherForcing.InverseSigmoid(), 900));
        foreach (var wrong in new Action[] { () => TeacherForcing.Constant(1.1f), () => TeacherForcing.Linear(0), () => TeacherForcing.Linear(3, 0.5f, 0.6f),
            () => TeacherForcing.InverseSigmoid(0.9f), () => TeacherForcing.Constant(float.NaN) })
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
    }

    private static NetworkDescription Describe(SequenceNetwork encoder, SequenceNetwork? decoder, int features = 3, int future = 0, int statics = 0,
        int parameters = 1, int location = 0,
        AttentionForm? attention = null, int units = 0, bool feeding = false, int season = 0, bool learnsWindow = false) => new()
        {
            Features = features, Time = Time, Statics = statics, FutureFeatures = future, Horizon = future > 0 ? Steps : 0,
            UnscaledFeatures = decoder is null ? future : 0, Layers = encoder.StepLayers(), Outputs = parameters * Steps * 2,
            Decoder = new()
            {
                Steps = Steps, Targets = 2, Location = location, SeasonLength = season, Layers = decoder is null ? [] : [.. Own(decoder)],
                Attention = attention,
                AttentionUnits = units,
                InputFeeding = feeding, LearnsWindow = learnsWindow,
            },
        };

    // A season that fits the shortest row.
    private static NetworkDescription Varying(NetworkDescription description) =>
        description with
        {
            Time = null,
            LinearSkip = null,
            Decoder = description.Decoder! with { SeasonLength = Math.Min(description.Decoder.SeasonLength, s_lengths.Min()) }
        };

    private static NetworkDescription Counts(NetworkDescription description) =>
        description with { Decoder = description.Decoder! with { Distribution = NegativeBinomialLikelihood.Instance } };

    private static NetworkDescription Stepped(NetworkDescription description) => description with
    {
        WindowNormalization = WindowNormalization.Difference,
        Decoder = description.Decoder! with
        {
            FeedsDifferences = true,
            CumulatedCount = description.Decoder.IsRecursive ? description.Outputs / (Steps * 2) : 0
        },
    };

    private static LayerDescription[] Own(SequenceNetwork network) =>
        [.. network.StepLayers().Select(layer => layer.Name.EndsWith("_1", StringComparison.Ordinal) ? layer with { Name = "decoder_" + layer.Name } : layer)];

    private static SequenceBatch Fill(NetworkDescription description, int rows, bool masked)
    {
        var batch = new SequenceBatch();
        batch.Resize(rows, Time, description.Features, lengths: masked, statics: description.Statics, targets: Steps * 2, future: description.FutureFeatures,
            horizon: Steps);
        var random = new RandomStream(4);
        foreach (var tensor in new[] { batch.Values, batch.Statics, batch.Targets, batch.Future })
        {
            if (tensor is null) continue;
            foreach (ref var value in tensor.Span) value = (float)random.NextGaussian();
        }

        if (masked) s_lengths.CopyTo(batch.Lengths!, 0);
        return batch;
    }

    // Waves of random phase: two of them continue after the window, the others are noise, known in advance or not.
    private static Example[] Examples(NetworkDescription description, int count)
    {
        var random = new RandomStream(8);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var phase = 6 * random.NextSingle();
            return new Example([.. Enumerable.Range(0, Time).Select(t => (float[])[.. Wave(phase, t), .. Numbers(description.Features - 2)])],
                Targets: [.. Enumerable.Range(Time, Steps).SelectMany(t => Wave(phase, t))],
                Statics: description.Statics > 0 ? Numbers(description.Statics) : null,
                Future: description.FutureFeatures > 0 ? Numbers(Steps * description.FutureFeatures) : null);
        })];

        float[] Numbers(int n) => [.. Enumerable.Range(0, n).Select(_ => (float)random.NextGaussian())];

        static float[] Wave(float phase, int t) => [MathF.Sin(phase + t), MathF.Cos(2 * phase + 0.5f * t)];
    }

    private static double[] Double(Tensor tensor) => Array.ConvertAll(tensor.Span.ToArray(), value => (double)value);

    /// <summary>The squared error of one parameter, or the absolute error of each of several.</summary>
    private sealed class NumberHead(NetworkDescription description) : Head
    {
        public override int Outputs => description.Outputs;

        public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch)
        {
            var (values, targets) = output.Learned is { } learned
                ? (learned.Values, learned.Targets)
                : (output.Values, Differences(tape, output.Window!, output.WindowLevel, batch.Targets!));
            var parameters = values.Shape.Columns / targets.Shape.Columns;
            return parameters == 1
                ? RegressionLosses.MeanSquaredError(tape, values, targets)
                : DistributionLosses.Quantile(tape, values, targets, [.. Enumerable.Repeat(0.5f, parameters)]);
        }

        public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) => [output.Values];

        private Tensor Differences(Tape tape, Tensor window, Tensor? level, Tensor targets)
        {
            var (season, rows) = (description.Decoder!.SeasonLength, targets.Shape[0]);
            var y = tape.Rent(targets.Shape);
            for (var i = 0; i < y.Length; i++)
                y[i] = targets[i] - (level is null ? 0 : level[i / (2 * Steps) * description.Features + i % 2])
                    - (season == 0 ? 0 : window[((Time - season + i / 2 % Steps % season) * rows + i / (2 * Steps)) * description.Features + i % 2]);
            return y;
        }
    }
}
