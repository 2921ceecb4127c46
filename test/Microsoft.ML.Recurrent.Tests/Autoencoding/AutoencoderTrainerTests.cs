using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using static Microsoft.ML.Recurrent.Tests.Autoencoding.Waves;

namespace Microsoft.ML.Recurrent.Tests.Autoencoding;

/// <summary>Autoencoders end to end: codes, reconstructions and their errors, and what training promises.</summary>
[TestClass]
public sealed class AutoencoderTrainerTests
{
    private static readonly Lazy<RecurrentAutoencoderTransformer> s_trained = new(() => Fit(View(Draw(300, 1)), Options(60)));

    [TestMethod]
    public void Codes_hold_what_made_the_series_and_decode_to_it()
    {
        using var model = Fit(View(Draw(300, 1)), Options(60));
        var rows = Draw(100, 2);
        var scored = model.Transform(View(rows));
        Assert.AreEqual("Vector<Single, 3>", scored.Schema["Latent"].Type.ToString());
        Assert.AreEqual($"Vector<Single, {Steps}, 1>", scored.Schema["Reconstruction"].Type.ToString());
        Assert.AreEqual(NumberDataViewType.Single, scored.Schema["ReconstructionError"].Type);
        var decoded = scored.GetColumn<float[]>("Reconstruction").ToArray();
        // The noise has a standard deviation of 0.03, the series one of about 1.5.
        var squares = rows.Zip(decoded).Average(pair => pair.First.Wave.Zip(pair.Second).Average(step => Math.Pow(step.First - step.Second, 2)));
        NumberAssert.IsLessThan(0.3, Math.Sqrt(squares));
        // A linear regression on the codes finds the amplitude.
        var regression = Context.Regression.Trainers.LbfgsPoissonRegression("Amplitude", "Latent").Fit(model.Transform(View(Draw(300, 1))));
        NumberAssert.IsGreaterThan(0.9, Context.Regression.Evaluate(regression.Transform(scored), "Amplitude").RSquared);
        // Errors of rows like those of the training part are below 1, the mean for decoded draws; others have larger ones.
        var errors = scored.GetColumn<float>("ReconstructionError").ToArray();
        Assert.IsTrue(errors.Average() is > 0.1f and < 1.5f, $"{errors.Average()}");
        foreach (var row in rows) Array.Reverse(row.Wave);
        NumberAssert.IsGreaterThan(3 * errors.Average(), model.Transform(View(rows)).GetColumn<float>("ReconstructionError").Average());
    }

    [TestMethod]
    [DataRow("Wave")]
    [DataRow("Varying")]
    [DataRow("Pairs")]
    public void Kernels_and_graph_answer_alike_and_in_the_unit_of_the_data(string input)
    {
        var rows = Draw(60, 3, varying: true);
        using var model = Fit(View(rows), Options(3, input));
        var answers = new[] { ScoringBackend.Managed, ScoringBackend.OnnxRuntime }.Select(backend =>
        {
            model.Scoring = new() { Backend = backend };
            return Contract.Answers.Read(model, View(rows));
        }).ToArray();
        Contract.Answers.AssertEqual(answers[0], answers[1], input, 2e-5f);
        for (var i = 0; i < rows.Length; i++)
        {
            var wanted = input switch { "Wave" => rows[i].Wave, "Varying" => rows[i].Varying, _ => rows[i].Pairs };
            Assert.HasCount(wanted.Length, answers[0]["Reconstruction"][i]);
        }
        if (input is "Pairs") Assert.AreEqual(500, answers[0]["Reconstruction"].Average(row => row.Where((_, i) => i % 2 == 1).Average()), 100);
    }

    /// <summary>The error is the mean of squared differences in variances of the likelihood; a fixed scale of 0.5 of a standardized number is known.</summary>
    [TestMethod]
    public void The_error_is_that_of_the_likelihood()
    {
        var rows = Draw(60, 3);
        var options = Options(2);
        (options.Reconstruction.Scale, options.Stopping.ValidationFraction) = (0.5f, 0);
        using var model = Fit(View(rows), options);
        var scored = model.Transform(View(rows));
        double mean = rows.Average(row => row.Wave.Average()), variance = rows.Average(row => row.Wave.Average(value => Math.Pow(value - mean, 2)));
        var (decoded, errors) = (scored.GetColumn<float[]>("Reconstruction").ToArray(), scored.GetColumn<float>("ReconstructionError").ToArray());
        for (var i = 0; i < rows.Length; i++)
        {
            var squares = rows[i].Wave.Zip(decoded[i]).Average(step => Math.Pow(step.First - step.Second, 2));
            Assert.AreEqual(squares / (0.25 * variance), errors[i], 1e-3 * errors[i]);
        }
    }

    [TestMethod]
    public void Validation_has_the_same_noise_in_every_epoch()
    {
        var options = Options(4);
        // The weights do not move.
        (options.Optimizer.LearningRate, options.Latent.KlAnnealingEpochs) = (1e-30f, 3);
        using var model = Fit(View(Draw(100, 4)), options);
        var losses = model.Model.History.Epochs.Select(epoch => epoch.ValidationLoss!.Value).ToArray();
        foreach (var loss in losses) Assert.AreEqual(losses[0], loss);
        // In training the weight of the divergence rises.
        Assert.AreEqual(4, model.Model.History.Epochs.Select(epoch => epoch.Loss).Distinct().Count());
    }

    [TestMethod]
    public void A_larger_weight_and_annealing_change_the_divergence_as_they_should()
    {
        double Divergence(Action<RecurrentAutoencoderTrainer.Options> change)
        {
            var options = Options(40);
            change(options);
            using var model = Fit(View(Draw(200, 1)), options);
            return model.Evaluate(View(Draw(50, 2)), 1).KlDivergence;
        }

        var usual = Divergence(_ => { });
        var weighted = Divergence(options => options.Latent.KlWeight = 10);
        NumberAssert.IsLessThan(0.8 * usual, weighted);
        // What costs nothing is used.
        NumberAssert.IsGreaterThan(1.2 * weighted, Divergence(options => (options.Latent.KlWeight, options.Latent.FreeBits) = (10, 2)));
    }

    [TestMethod]
    public void A_run_that_was_interrupted_goes_on_to_the_same_bits()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-autoencoder-").FullName;
        try
        {
            var data = View(Draw(100, 5, varying: true));
            using var whole = Fit(data, Resumable(1));
            using var cancellation = new CancellationTokenSource();
            var options = Resumable(2);
            (options.Checkpoints.Folder, options.CancellationToken) = (folder, cancellation.Token);
            options.Logging.Progress = new Canceller(cancellation);
            using (var part = Fit(data, options)) Assert.AreEqual(TrainingEnd.Cancelled, part.Model.History.End);
            options = Resumable(1);
            (options.Checkpoints.Folder, options.Checkpoints.Resume) = (folder, true);
            using var resumed = Fit(data, options);
            Assert.AreEqual(whole.Model.WeightsSha256, resumed.Model.WeightsSha256);
            CollectionAssert.AreEqual(whole.Model.History.Epochs.Select(epoch => epoch.Loss).ToArray(),
                resumed.Model.History.Epochs.Select(epoch => epoch.Loss).ToArray());
            options.Latent.KlAnnealingEpochs = 2;
            Assert.Contains("annealing", Assert.Throws<InvalidDataException>(() => Fit(data, options)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static RecurrentAutoencoderTrainer.Options Resumable(int threads)
        {
            var options = Options(6, "Varying");
            (options.Latent.KlAnnealingEpochs, options.NumberOfThreads) = (4, threads);
            options.Network.Regularization.DropoutRate = 0.1f;
            return options;
        }
    }

    [TestMethod]
    public void Rows_without_weight_are_not_learned()
    {
        Row[] rows = Draw(60, 6), others = Draw(60, 6);
        for (var i = 0; i < rows.Length; i += 2)
        {
            rows[i].Weight = others[i].Weight = 0;
            others[i].Wave = [.. others[i].Wave.Select(value => 3 * value)];
        }
        var models = new[] { rows, others }.Select(train =>
        {
            var options = Options();
            (options.ExampleWeightColumnName, options.Stopping.ValidationFraction) = ("Weight", 0);
            using var model = Fit(View(train), options);
            return Contract.Answers.Read(model, View(rows));
        }).ToArray();
        Contract.Answers.AssertEqual(models[0], models[1], "weights", 1e-4f);
    }

    [TestMethod]
    public void Fine_tuning_goes_on_and_refuses_other_codes()
    {
        var data = View(Draw(200, 7));
        using var first = Fit(data, Options(20));
        var before = first.Evaluate(data, 4).EvidenceLowerBound;
        var options = Options(20);
        options.Network.Initialization.Model = first.Model;
        options.Latent.KlAnnealingEpochs = 0;
        using var second = Fit(data, options);
        NumberAssert.IsGreaterThan(before, second.Evaluate(data, 4).EvidenceLowerBound);
        options.Latent.Size = 4;
        Assert.Contains("Latent.Size", Assert.Throws<ArgumentException>(() => Fit(data, options)).Message);
        (options.Latent.Size, options.Reconstruction.Scale) = (3, 0.5f);
        Assert.Contains("Reconstruction.Scale", Assert.Throws<ArgumentException>(() => Fit(data, options)).Message);

        // The layers that read the series serve a regression too.
        var regression = new RecurrentRegressionTrainer.Options
        {
            LabelColumnName = "Amplitude",
            FeatureColumnName = "Wave",
            Network = { Cell = RecurrentCell.Gru, HiddenSize = 10, Initialization = { Model = first.Model } },
            Stopping = { MaximumNumberOfEpochs = 1 },
        };
        using var transferred = Context.Regression.Trainers.RecurrentNetwork(regression).Fit(data);
        Assert.IsTrue(transferred.Model.Transfer!.Taken.Any(name => name.StartsWith("gru_1.", StringComparison.Ordinal)));
        // And states of the encoder are features too.
        var states = Context.Transforms.AppendStateFeatures("States", first.Model).Fit(data).Transform(data);
        Assert.HasCount(10, states.GetColumn<float[]>("States").First());
    }

    [TestMethod]
    public void Large_numbers_keep_their_small_changes()
    {
        var rows = Draw(60, 8).Select(row => new Wide { Wave = [.. row.Wave.Select(value => 1e9 + value)] }).ToArray();
        var data = Context.Data.LoadFromEnumerable(rows);
        using var model = Fit(data, Options(20));
        using var single = Fit(View(Draw(60, 8)), Options(20));
        var codes = model.Transform(data).GetColumn<float[]>("Latent").ToArray();
        Contract.Answers.AssertEqual([.. single.Transform(View(Draw(60, 8))).GetColumn<float[]>("Latent")], codes, "codes", 1e-2f);
        foreach (var row in model.Transform(data).GetColumn<float[]>("Reconstruction"))
            foreach (var value in row) Assert.AreEqual(1e9f, value, 200);
    }

    [TestMethod]
    public void A_constant_series_has_a_finite_likelihood()
    {
        var rows = Draw(40, 9);
        foreach (var row in rows) row.Wave = [.. row.Wave.Select(_ => 3f)];
        using var model = Fit(View(rows), Options(80));
        var metrics = model.Evaluate(View(rows));
        Assert.IsTrue(double.IsFinite(metrics.EvidenceLowerBound), metrics.ToString());
        foreach (var value in model.Transform(View(rows)).GetColumn<float[]>("Reconstruction").First()) Assert.AreEqual(3, value, 0.05f);
    }

    [TestMethod]
    public void Columns_and_options_that_cannot_be_are_named()
    {
        var data = Context.Transforms.Conversion.MapValueToKey("Words").Fit(Words()).Transform(Words());
        Assert.Contains("numbers", Assert.Throws<ArgumentException>(() => Fit(data, Options(1, "Words"))).Message);
        Assert.Contains("Amplitude", Assert.Throws<ArgumentException>(() => Fit(View(Draw(9, 1)), Options(1, "Amplitude"))).Message);
        Refused("Latent.Size", options => options.Latent.Size = 0);
        Refused("Latent.KlWeight", options => options.Latent.KlWeight = 0);
        Refused("Latent.KlWeight", options => options.Latent.KlWeight = float.PositiveInfinity);
        Refused("Latent.FreeBits", options => options.Latent.FreeBits = -1);
        Refused("Latent.KlAnnealingEpochs", options => options.Latent.KlAnnealingEpochs = 4);
        Refused("Latent.KlAnnealingEpochs", options => options.Latent.KlAnnealingEpochs = -1);
        Refused("Reconstruction.Scale", options => options.Reconstruction.Scale = float.NaN);
        Refused("Output.LatentColumnName", options => options.Output.LatentColumnName = "");
        Refused("Network.Custom", options => options.Network.Custom = SequenceNetwork.Create().Dense(4).Pool(SequencePooling.Mean));
        var twice = Options();
        twice.Output.ReconstructionColumnName = "Wave";
        Assert.Contains("'Wave' is used twice", Assert.Throws<ArgumentException>(() => Fit(View(Draw(9, 1)), twice)).Message);
        Assert.Throws<NotSupportedException>(() => new SequenceStream<int>(s_trained.Value.Model));

        static void Refused(string path, Action<RecurrentAutoencoderTrainer.Options> change)
        {
            var options = Options();
            change(options);
            Assert.AreEqual(path, Assert.Throws<ArgumentException>(() => Context.Transforms.EncodeBySequenceAutoencoder(options)).ParamName);
        }

        static IDataView Words() => Context.Data.LoadFromEnumerable([new TextRow { Words = ["a", "b"] }]);
    }

    private sealed class Canceller(CancellationTokenSource cancellation) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Epoch == 3) cancellation.Cancel();
        }
    }

    private sealed class Wide
    {
        [VectorType(Steps)] public double[] Wave { get; set; } = [];
    }

    private sealed class TextRow
    {
        public string[] Words { get; set; } = [];
    }
}
