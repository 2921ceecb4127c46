using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>
/// LSTM with peepholes and with coupled gates in a trainer: they learn, their files keep their own weights, and training goes on from the file.
/// </summary>
[TestClass]
public sealed class LstmVariantTests
{
    private static readonly MLContext Context = new(1);
    private static readonly IDataView Train = Context.Data.LoadFromEnumerable(Sums(600, 1)), Test = Context.Data.LoadFromEnumerable(Sums(200, 2));

    public static IEnumerable<object[]> Cells => [[RecurrentCell.PeepholeLstm], [RecurrentCell.CoupledLstm], [RecurrentCell.CoupledPeepholeLstm]];

    private static RecurrentRegressionTrainer.Options Options(RecurrentCell cell) =>
        new()
        {
            Network = { Cell = cell, HiddenSize = 12 },
            Stopping = { MaximumNumberOfEpochs = 15 },
            Optimizer = { LearningRate = 1e-2f },
            Seed = 5,
        };

    private static double RSquared(RecurrentRegressionTransformer model) => Context.Regression.Evaluate(model.Transform(Test)).RSquared;

    private static float[] Scores(RecurrentRegressionTransformer model) => [.. model.Transform(Test).GetColumn<float>("Score")];

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void They_learn_and_go_on_from_their_files(RecurrentCell cell)
    {
        using var model = Context.Regression.Trainers.RecurrentNetwork(Options(cell)).Fit(Train);
        NumberAssert.IsGreaterThan(0.9, RSquared(model));
        StringAssert.Contains(model.Model.Summary(), $"lstm_1 ({cell})");

        using var file = new MemoryStream();
        Context.Model.Save(model, Train.Schema, file);
        using var loaded = (RecurrentRegressionTransformer)Context.Model.Load(file, out _);
        CollectionAssert.AreEqual(Scores(model), Scores(loaded));
        using (var before = model.Model.ToNetwork())
        using (var after = loaded.Model.ToNetwork())
            foreach (var parameter in before.Parameters)
                CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), after[parameter.Name].Value.Span.ToArray(), parameter.Name);

        var options = Options(cell);
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs) = (loaded.Model, 3);
        using var further = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Train);
        NumberAssert.IsLessThan(model.Model.History.Epochs[0].Loss / 4, further.Model.History.Epochs[0].Loss);
        NumberAssert.IsGreaterThan(0.9, RSquared(further));
    }

    /// <summary>Coupled gates are an ordinary node: its forget block is the negated input block, so that any runtime and any device runs it.</summary>
    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Nodes_have_peepholes_and_no_other_feature(RecurrentCell cell)
    {
        var options = Options(cell);
        (options.Stopping.MaximumNumberOfEpochs, options.Network.NumberOfLayers) = (1, 2);
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Train);
        using var file = new MemoryStream();
        model.Model.ExportToOnnx(file);
        var nodes = ModelProto.Parser.ParseFrom(file.ToArray()).Graph.Node.Where(node => node.OpType == "LSTM").ToArray();
        Assert.HasCount(2, nodes);
        foreach (var node in nodes)
        {
            Assert.AreEqual(cell is not RecurrentCell.CoupledLstm, node.Input.Count > 7);
            CollectionAssert.AreEquivalent(new[] { "hidden_size", "direction" }, node.Attribute.Select(attribute => attribute.Name).ToArray());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Precisions_keep_the_answers(RecurrentCell cell)
    {
        var options = Options(cell);
        (options.Stopping.MaximumNumberOfEpochs, options.Network.Bidirectional, options.Network.HiddenSize) = (2, true, 24);
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Train);
        foreach (var precision in Enum.GetValues<OnnxPrecision>())
        {
            using var file = new MemoryStream();
            var report = model.Model.ExportToOnnx(file, new() { Precision = precision });
            var graph = ModelProto.Parser.ParseFrom(file.ToArray()).Graph;
            Assert.HasCount(1, graph.Node.Where(node => node.OpType == (precision is OnnxPrecision.Int8 ? "DynamicQuantizeLSTM" : "LSTM")), $"{precision}");
            if (precision is OnnxPrecision.Single)
            {
                // The weights of the file are the network's: with coupled gates no block of a forget gate.
                using var network = model.Model.ToNetwork();
                var rows = cell is RecurrentCell.PeepholeLstm ? 4 * 24 : 3 * 24;
                Assert.AreEqual(rows, (int)graph.Initializer.Single(tensor => tensor.Name == "lstm_1.weight_ih").Dims[1]);
                if (cell is not RecurrentCell.CoupledLstm)
                    CollectionAssert.AreEqual(network["lstm_1.weight_peephole"].Value.Span.ToArray(), NetworkReader.Values(graph, "lstm_1.weight_peephole"));
                continue;
            }
            // Weights of 11 or 7 bits err by 1 in 2^12 or 2^8 at most; those that compute in 7 bits by a few of them.
            var error = report.Outputs.Single();
            var relative = error.MaximumAbsoluteError / error.MeanAbsoluteValue;
            var limit = precision is OnnxPrecision.HalfWeights or OnnxPrecision.Half ? 1 / 4096.0 : 1 / 64.0;
            Assert.IsTrue(relative > 0 && relative < limit, $"{precision}: {error}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void An_interrupted_run_goes_on(RecurrentCell cell)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-variants-").FullName;
        try
        {
            RecurrentRegressionTrainer.Options Run()
            {
                var options = Options(cell);
                options.Stopping.MaximumNumberOfEpochs = 4;
                (options.Network.Regularization.RecurrentDropoutRate, options.Network.Regularization.CellZoneoutRate) = (0.1f, 0.1f);
                return options;
            }
            using var straight = Context.Regression.Trainers.RecurrentNetwork(Run()).Fit(Train);
            using (var cancellation = new CancellationTokenSource())
            {
                var options = Run();
                (options.Checkpoints.Folder, options.CancellationToken) = (folder, cancellation.Token);
                options.Logging.Progress = new ResumeTests.Canceller(cancellation);
                using var partly = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Train);
                Assert.AreEqual(TrainingEnd.Cancelled, partly.Model.History.End);
            }
            var resumed = Run();
            (resumed.Checkpoints.Folder, resumed.Checkpoints.Resume) = (folder, true);
            using var model = Context.Regression.Trainers.RecurrentNetwork(resumed).Fit(Train);
            CollectionAssert.AreEqual(Scores(straight), Scores(model));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Options_of_other_cells_are_refused_by_name()
    {
        var options = Options(RecurrentCell.PeepholeLstm);
        options.Network.LayerNormalization = LayerNormalizationPlace.InsideCell;
        var error = Assert.Throws<ArgumentException>(() => Context.Regression.Trainers.RecurrentNetwork(options));
        StringAssert.Contains(error.Message,
            "Network.LayerNormalization InsideCell goes with RecurrentCell.Lstm or RecurrentCell.CoupledLstm, not with PeepholeLstm");
        options = Options(RecurrentCell.Gru);
        options.Network.ProjectionSize = 4;
        error = Assert.Throws<ArgumentException>(() => Context.Regression.Trainers.RecurrentNetwork(options));
        StringAssert.Contains(error.Message, "RecurrentCell.CoupledPeepholeLstm, not with Gru");
    }
}
