using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>A stretch gives each of its positions what a window of its own would give, and nothing of what comes after it.</summary>
[TestClass]
public sealed class StretchTests
{
    private const int Window = 8, Horizon = 3, Length = 40;

    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public string Series { get; set; } = "";
        [VectorType(2)]
        public float[] Value { get; set; } = [];
        public float Past { get; set; }
        public string PastKind { get; set; } = "";
        public float Future { get; set; }
        public int FutureKind { get; set; }
        public float Size { get; set; }
        public string Kind { get; set; } = "";
    }

    private static Row[] Rows(float missing)
    {
        var random = new Random(3);
        return [.. from series in (string[])["a", "b"]
                   from t in Enumerable.Range(0, series == "a" ? Length : Length - 13)
                   select new Row
                   {
                       Series = series, Value = [Number(), Number()], Past = Number(), PastKind = "p" + random.Next(3), Future = Number(),
                       FutureKind = random.Next(3), Size = series == "a" ? 1 : 2, Kind = series == "a" ? "x" : "y",
                   }];

        float Number() => random.NextSingle() < missing ? float.NaN : 3 + random.NextSingle();
    }

    /// <summary>Normalization, share of missing values, likelihood.</summary>
    public static IEnumerable<object[]> Forms =>
        from form in new[]
        {
            new Form(WindowNormalization.None), new Form(WindowNormalization.Difference), new Form(WindowNormalization.Difference, IsRunning: true),
            new Form(WindowNormalization.Difference, OfSeries: true), new Form(WindowNormalization.Standard, OfSeries: true),
            new Form(WindowNormalization.Robust, OfSeries: true), new Form(WindowNormalization.Mean, OfSeries: true),
        }
        from missing in new[] { 0f, 0.3f }
        from likelihood in new[] { LikelihoodName.Point, LikelihoodName.StudentT, LikelihoodName.Quantiles, LikelihoodName.NegativeBinomial }
        select new object[] { form, missing, likelihood };

    /// <summary>The forms without a decoder and without a regression, and those with either.</summary>
    public static IEnumerable<object[]> AllForms => Forms.Concat(
        from form in new[]
        {
            new Form(WindowNormalization.Difference) { Decodes = ForecastStrategy.EncoderDecoder },
            new Form(WindowNormalization.Difference) { Decodes = ForecastStrategy.EncoderDecoder, IsTaught = true, Attention = AttentionForm.General },
            new Form(WindowNormalization.Difference, IsRunning: true) { Decodes = ForecastStrategy.EncoderDecoder, Attention = AttentionForm.Additive },
            new Form(WindowNormalization.Standard, OfSeries: true) { Decodes = ForecastStrategy.EncoderDecoder },
            new Form(WindowNormalization.None) { Decodes = ForecastStrategy.Recursive, IsTaught = true },
            new Form(WindowNormalization.Difference) { Decodes = ForecastStrategy.Recursive, IsTaught = true },
            new Form(WindowNormalization.Difference, OfSeries: true) { Decodes = ForecastStrategy.Recursive },
            new Form(WindowNormalization.Difference) { Regresses = true },
            new Form(WindowNormalization.Difference, IsRunning: true) { Regresses = true },
            new Form(WindowNormalization.Robust, OfSeries: true) { Regresses = true },
        }
        from missing in new[] { 0f, 0.3f }
        from likelihood in new[] { LikelihoodName.Point, LikelihoodName.StudentT, LikelihoodName.NegativeBinomial }
        where likelihood is not LikelihoodName.NegativeBinomial
            || !form.Regresses && !(form.Decodes is ForecastStrategy.Recursive && form.Normalization is WindowNormalization.Difference)
        select new object[] { form, missing, likelihood });

    public sealed record Form(WindowNormalization Normalization, bool OfSeries = false, bool IsRunning = false)
    {
        public ForecastStrategy Decodes { get; init; }
        public AttentionForm? Attention { get; init; }
        public bool IsTaught { get; init; }
        public bool Regresses { get; init; }
    }

    private sealed record Case(SeriesTable Table, SeriesLayout Layout, Network Network, ForecastHead Head, int? MinimumHistory, float TeacherForcing)
        : IDisposable
    {
        public SeriesStretches Stretches(StretchShape shape, int rowsLeftOut = 0)
        {
            var stretches = new SeriesStretches(Table, Layout, shape, MinimumHistory);
            for (var series = 0; series < Table.Series; series++) stretches.Add(series, Table.Starts[series + 1] - Table.Starts[series] - rowsLeftOut);
            return stretches;
        }

        public void Dispose() => Network.Dispose();
    }

    private static Case Create(Form form, float missing, LikelihoodName name, Action<Row[]>? change = null)
    {
        var (normalization, ofSeries, isRunning) = (form.Normalization, form.OfSeries, form.IsRunning);
        var rows = Rows(missing);
        change?.Invoke(rows);
        var data = Context.Data.LoadFromEnumerable(rows);
        var (isDirect, isRecursive) = (form.Decodes is ForecastStrategy.Direct, form.Decodes is ForecastStrategy.Recursive);
        var layout = SeriesLayout.Resolve(data.Schema, "Value", isRecursive ? [] : ["Past", "PastKind"], ["Future", "FutureKind"], ["Size", "Kind"], []);
        if (ofSeries) layout = layout.WithSeries(["Series"], []);
        var table = SeriesTable.Read(data, layout.Inputs, ["Series"], null);
        layout.Close();
        var likelihood = name.ToOption().Create(new() { QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Q1", [0.5] = "Q5", [0.9] = "Q9" } });
        var (counts, masks) = (likelihood.IsInDataUnit, missing > 0);
        var (season, encoder) = (counts ? 0 : 4, SequenceNetwork.Create().Lstm(5).Gru(4).StepLayers());
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value" }, Horizon = Horizon, Decoding = { Strategy = form.Decodes, Attention = form.Attention },
        };
        var description = new NetworkDescription
        {
            Features = layout.Features, Time = Window, Statics = layout.Statics, FutureFeatures = layout.Future, Horizon = Horizon,
            UnscaledFeatures = layout.Future, Categories = layout.NetworkCategories(2), AllowsMissing = masks, MasksMissing = masks && !isRecursive,
            FutureMasks = masks && !isRecursive ? layout.FutureColumns : 0,
            Lags = !isRecursive ? [2, 5] : normalization is WindowNormalization.Difference ? [] : [3], LaggedFeatures = 2,
            RunningScale = isRunning, RelativeLags = normalization is WindowNormalization.Difference && !isRecursive,
            RelativeAverages = normalization is WindowNormalization.Difference && !isRecursive ? new([2, 4]) : null,
            Transform = counts ? TargetTransform.None : TargetTransform.Log, TransformedFeatures = counts ? 0 : 2,
            WindowNormalization = normalization, SeriesScaling = ofSeries ? new(3, true) : null,
            LinearSkip = counts || isRecursive ? null : new(2, likelihood.LocationParameters.First, likelihood.LocationParameters.Count),
            Layers = isDirect ? SequenceNetwork.Create().Lstm(5).Gru(4).Layers() : encoder,
            DynamicRegression = form.Regresses
                ? new(6, 2, likelihood.ForecastParameter) { ReadsWindow = true, Averages = [3], ExponentialAverages = [2] }
                : null,
            Decoder = options.Decoder(2, likelihood, season, normalization, encoder) is { } decoder ? decoder with { LearnsWindow = false } : null,
            Outputs = Horizon * 2 * likelihood.ParametersPerStep,
        };
        var network = new Network(description, 1);
        var random = new RandomStream(4);
        foreach (var parameter in network.Parameters.Where(parameter => parameter.Trainable))
            foreach (ref var value in parameter.Value.Span) value += 0.1f * (float)random.NextGaussian();
        network["input.mean"].Value.Span.Fill(0.5f);
        network["input.scale"].Value.Span.Fill(2);
        // What is known ahead is known of each step of the series, in the same unit.
        network["future.mean"].Value.Span.Fill(0.5f);
        network["future.scale"].Value.Span.Fill(2);
        if (ofSeries)
        {
            // The first row is for unknown series.
            network[SeriesScaling.ScaleName].Value.Span[layout.Features..].Fill(0.7f);
            if (SeriesScaling.HasLevel(normalization)) network[SeriesScaling.LevelName].Value.Span[layout.Features..].Fill(0.2f);
        }
        var head = ForecastHead.Create(likelihood, RegressionLoss.Huber, [], false, new(Window, Horizon, 2, season, false), network);
        return new(table, layout, network, head, masks ? 5 : null, form.IsTaught ? 1 : 0);
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void With_one_position_and_a_window_of_warm_up_a_stretch_is_a_window(Form form, float missing, LikelihoodName likelihood)
    {
        using var one = Create(form, missing, likelihood);
        var windows = new SeriesWindowExamples(one.Table, one.Layout, Window, Horizon, one.MinimumHistory);
        int[] examples = [.. windows.Add(0, 0, Length), .. windows.Add(1, 0, Length - 13)];
        var stretches = one.Stretches(new(Window, Horizon, Window, 1, 1));
        (int, int, int)[] all = [.. Enumerable.Range(0, 2).SelectMany(series => Enumerable.Range(0, stretches.PositionsOf(series))
            .Select(position => (series, position, 1)))];
        using SequenceBatch windowBatch = new(), stretchBatch = new();
        windows.Fill(windowBatch, examples);
        stretches.Fill(stretchBatch, all);
        if (missing == 0) Assert.HasCount(examples.Length, all);
        Assert.AreEqual(examples.Length, stretchBatch.Weights!.Span.ToArray().Sum(), "positions with a target before and after them");
        var (expected, gradients) = Learn(one, windowBatch);
        var (actual, own) = Learn(one, stretchBatch);
        Assert.AreEqual(expected, actual, 1e-5 * Math.Abs(expected));
        foreach (var (name, gradient) in gradients)
        {
            for (var i = 0; i < gradient.Length; i++)
                Assert.AreEqual(gradient[i], own[name][i], 1e-4 * Math.Max(0.01, gradient.Max(Math.Abs)), $"{name}, {i}");
        }
    }

    /// <summary>A later position of a stretch is one whose layers have read as many steps more.</summary>
    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void Each_position_is_one_alone_that_reads_from_the_same_step(Form form, float missing, LikelihoodName likelihood)
    {
        // Attention reads the steps of the warm-up alone.
        if (form.Attention is not null) return;
        using var one = Create(form, missing, likelihood);
        // A lag reaches back to the first step of a window, and no further.
        var all = Answers(new(Window, Horizon, 2, 3, 2), 4, 3);
        for (var k = 0; k < 3; k++)
        {
            var alone = Answers(new(Window, Horizon, 2 + 2 * k, 1, 1), 4 + 2 * k, 1)[0];
            for (var i = 0; i < alone.Length; i++) Assert.AreEqual(alone[i], all[k][i], 1e-5 * Math.Max(1, Math.Abs(alone[i])), $"position {k}, {i}");
        }

        float[][] Answers(StretchShape shape, int first, int count)
        {
            var stretches = one.Stretches(shape);
            using var batch = new SequenceBatch();
            stretches.Fill(batch, [(0, first, count)]);
            using var tape = new Tape(1) { Recording = false };
            var values = one.Network.Forward(tape, batch).Values;
            return [.. Enumerable.Range(0, count).Select(k => values.Span.Slice(k * values.Shape.Columns, values.Shape.Columns).ToArray())];
        }
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void All_but_the_history_of_the_layers_is_that_of_windows(Form form, float missing, LikelihoodName likelihood)
    {
        using var one = Create(form, missing, likelihood);
        // Layers that say nothing: what is left are statics, what is known ahead, the linear forecast, the season and the targets.
        foreach (var parameter in one.Network.Layers.SelectMany(layer => layer.Parameters)) parameter.Value.Span.Clear();
        var windows = new SeriesWindowExamples(one.Table, one.Layout, Window, Horizon, one.MinimumHistory);
        int[] examples = [.. windows.Add(0, 0, Length), .. windows.Add(1, 0, Length - 13)];
        var stretches = one.Stretches(new(Window, Horizon, 3, 100, 1));
        using SequenceBatch windowBatch = new(), stretchBatch = new();
        windows.Fill(windowBatch, examples);
        stretches.Fill(stretchBatch, [(0, 0, stretches.PositionsOf(0)), (1, 0, stretches.PositionsOf(1))]);
        var (expected, actual) = (Values(windowBatch), Values(stretchBatch));
        var example = 0;
        for (var series = 0; series < 2; series++)
        {
            for (var position = 0; position < stretches.PositionsOf(series); position++)
            {
                var forecast = position * 2 + series;
                if (stretchBatch.Weights![forecast] == 0) continue;
                for (var i = 0; i < expected[example].Length; i++)
                {
                    if (float.IsNaN(expected[example][i])) Assert.IsTrue(float.IsNaN(actual[forecast][i]));
                    else Assert.AreEqual(expected[example][i], actual[forecast][i], 1e-4 * Math.Max(1, Math.Abs(expected[example][i])),
                        $"{series}, {position}");
                }
                example++;
            }
        }
        Assert.AreEqual(examples.Length, example);
        Assert.AreEqual(Learn(one, windowBatch).Loss, Learn(one, stretchBatch).Loss, 1e-4);

        float[][] Values(SequenceBatch batch)
        {
            using var tape = new Tape(1) { Recording = false };
            var output = one.Network.Forward(tape, batch);
            var targets = one.Head.Normalized(tape, output, batch.Targets!);
            return [.. Enumerable.Range(0, batch.Forecasts).Select(i => (float[])[.. Row(output.Values, i), .. Row(targets, i)])];
        }

        static float[] Row(Tensor x, int row) => x.Span.Slice(row * x.Shape.Columns, x.Shape.Columns).ToArray();
    }

    /// <summary>The derivative along the gradient of each parameter is that of differences, through all positions.</summary>
    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void Gradients_go_back_from_all_positions(Form form, float missing, LikelihoodName likelihood)
    {
        using var one = Create(form, missing, likelihood);
        var stretches = one.Stretches(new(Window, Horizon, 5, 6, 2));
        using var batch = new SequenceBatch();
        stretches.Fill(batch, [(0, 3, 6), (1, 2, 4)]);
        foreach (var (name, gradient) in Learn(one, batch).Gradients)
        {
            var (values, length) = (one.Network[name].Value, Math.Sqrt(gradient.Sum(x => (double)x * x)));
            if (length < 0.01) continue;
            var (before, step) = (values.Span.ToArray(), 0.01);
            var actual = (At(step) - At(-step)) / (2 * step);
            before.CopyTo(values.Span);
            Assert.AreEqual(length, actual, 0.05 * length + 0.003, name);

            double At(double distance)
            {
                for (var i = 0; i < before.Length; i++) values[i] = before[i] + (float)(distance * gradient[i] / length);
                return Learn(one, batch).Loss;
            }
        }
    }

    private static (double Loss, Dictionary<string, float[]> Gradients) Learn(Case one, SequenceBatch batch)
    {
        using var tape = new Tape(1);
        foreach (var parameter in one.Network.Parameters) parameter.ZeroGradient();
        var loss = one.Head.Loss(tape, one.Network.Forward(tape, batch, new() { TeacherForcing = one.TeacherForcing }), batch);
        double value = loss[0];
        tape.Backward(loss);
        return (value, one.Network.Parameters.Where(parameter => parameter.Trainable).ToDictionary(parameter => parameter.Name,
            parameter => parameter.Gradient!.Span.ToArray()));
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void No_position_sees_what_comes_after_it(Form form, float missing, LikelihoodName likelihood)
    {
        const int Perturbed = Window + 9;
        var shape = new StretchShape(Window, Horizon, 4, 20, 2);
        var before = Answers(null);
        // The last target that is known at a position is that of its own row; covariates are known up to the horizon.
        var after = Answers(rows =>
        {
            foreach (var row in rows.Where(row => row.Series == "a").Skip(Perturbed))
                (row.Value, row.Past, row.PastKind) = ([6, float.IsNaN(row.Value[0]) ? 5 : 4.5f], 9, row.PastKind == "p1" ? "p2" : "p1");
        });
        var ahead = Answers(rows =>
        {
            foreach (var row in rows.Where(row => row.Series == "a").Skip(Perturbed)) (row.Future, row.FutureKind) = (9, (row.FutureKind + 1) % 3);
        });
        Assert.HasCount(before.Length, after);
        var seen = 0;
        for (var k = 0; k < before.Length; k++)
        {
            var position = Window + 2 * k;
            if (position < Perturbed) CollectionAssert.AreEqual(before[k], after[k], $"position {position}");
            else if (!before[k].SequenceEqual(after[k])) seen++;
            if (position < Perturbed - Horizon) CollectionAssert.AreEqual(before[k], ahead[k], $"position {position}, what is known ahead");
            else if (position < Perturbed) CollectionAssert.AreNotEqual(before[k], ahead[k], $"position {position}, what is known ahead");
        }
        NumberAssert.IsGreaterThan(5, seen);

        float[][] Answers(Action<Row[]>? change)
        {
            using var one = Create(form, missing, likelihood, change);
            var stretches = one.Stretches(shape);
            using var batch = new SequenceBatch();
            // From the second row on; the first one needs no missing rows.
            var first = one.MinimumHistory is { } history ? Window + 1 - history : 1;
            stretches.Fill(batch, [(0, first, 14), (1, first, 7)]);
            using var tape = new Tape(1) { Recording = false };
            var values = one.Network.Forward(tape, batch).Values;
            return [.. Enumerable.Range(0, 14)
                .Select(k => values.Span.Slice(2 * k * values.Shape.Columns, values.Shape.Columns).ToArray())];
        }
    }

    [TestMethod]
    public void Each_pass_has_every_position_once_or_nearly_so_and_the_seed_tells_the_order()
    {
        using var one = Create(new(WindowNormalization.Difference), 0, LikelihoodName.Point);
        var shape = new StretchShape(Window, Horizon, 4, 7, 1);
        var stretches = one.Stretches(shape);
        var source = new StretchBatches(stretches, shape, 2, 3);
        Assert.AreEqual(3 * stretches.Positions, source.Count);
        var first = Epoch(5);
        Assert.HasCount(source.Batches, first);
        CollectionAssert.AreEqual(first, Epoch(5));
        CollectionAssert.AreNotEqual(first, Epoch(6));
        NumberAssert.IsGreaterThanOrEqualTo(3 * stretches.Positions, first.Sum(batch => batch.Weights));
        NumberAssert.IsLessThan(3 * (stretches.Positions + 10), first.Sum(batch => batch.Weights));

        (float Weights, float Sum)[] Epoch(ulong seed)
        {
            List<(float, float)> batches = [];
            using var batch = new SequenceBatch();
            for (source.Begin(seed); source.Next(batch);)
                batches.Add((batch.Weights!.Span.ToArray().Sum(), batch.Targets!.Span.ToArray().Sum()));
            return [.. batches];
        }
    }

    [TestMethod]
    public void A_shorter_stretch_of_a_batch_learns_as_it_does_alone()
    {
        using var one = Create(new(WindowNormalization.Difference), 0, LikelihoodName.Point);
        var stretches = one.Stretches(new(Window, Horizon, 4, 20, 1));
        var (longer, shorter) = ((0, 3, 20), (1, 2, 6));
        var together = Loss(longer, shorter);
        Assert.AreEqual((20 * Loss(longer) + 6 * Loss(shorter)) / 26, together, 1e-5);

        double Loss(params (int, int, int)[] all)
        {
            using var batch = new SequenceBatch();
            stretches.Fill(batch, all);
            return Learn(one, batch).Loss;
        }
    }
}
