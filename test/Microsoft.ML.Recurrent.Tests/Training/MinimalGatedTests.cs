using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>
/// The minimal gated unit in a trainer: it learns, is exported as a GRU node that keeps the unit's own weights, and training goes on from the file.
/// </summary>
[TestClass]
public sealed class MinimalGatedTests
{
    private static readonly MLContext Context = new(1);
    private static readonly IDataView Train = Context.Data.LoadFromEnumerable(Sums(600, 1)), Test = Context.Data.LoadFromEnumerable(Sums(200, 2));

    private static RecurrentRegressionTrainer.Options Options =>
        new()
        {
            Network = { Cell = RecurrentCell.MinimalGated, HiddenSize = 12 },
            Stopping = { MaximumNumberOfEpochs = 15 },
            Optimizer = { LearningRate = 1e-2f },
            Seed = 5,
        };

    private static double RSquared(RecurrentRegressionTransformer model) => Context.Regression.Evaluate(model.Transform(Test)).RSquared;

    [TestMethod]
    public void It_learns_and_goes_on_from_its_file()
    {
        using var model = Context.Regression.Trainers.RecurrentNetwork(Options).Fit(Train);
        NumberAssert.IsGreaterThan(0.9, RSquared(model));
        StringAssert.Contains(model.Model.Summary(), "mgu_1 (MinimalGated)");

        using var file = new MemoryStream();
        Context.Model.Save(model, Train.Schema, file);
        using var loaded = (RecurrentRegressionTransformer)Context.Model.Load(file, out _);
        CollectionAssert.AreEqual(model.Transform(Test).GetColumn<float>("Score").ToArray(), loaded.Transform(Test).GetColumn<float>("Score").ToArray());
        using (var before = model.Model.ToNetwork())
        using (var after = loaded.Model.ToNetwork())
            foreach (var parameter in before.Parameters)
                CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), after[parameter.Name].Value.Span.ToArray(), parameter.Name);

        var options = Options;
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs) = (loaded.Model, 3);
        using var further = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Train);
        NumberAssert.IsLessThan(model.Model.History.Epochs[0].Loss / 4, further.Model.History.Epochs[0].Loss);
        NumberAssert.IsGreaterThan(0.9, RSquared(further));
    }

    [TestMethod]
    [DataRow(OnnxPrecision.Single)]
    [DataRow(OnnxPrecision.Half)]
    [DataRow(OnnxPrecision.Int8)]
    public void The_file_keeps_its_own_weights(OnnxPrecision precision)
    {
        var options = Options;
        (options.Stopping.MaximumNumberOfEpochs, options.Network.Bidirectional, options.Network.HiddenSize) = (2, true, 24);
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Train);
        using var file = new MemoryStream();
        var report = model.Model.ExportToOnnx(file, new() { Precision = precision });
        var graph = ModelProto.Parser.ParseFrom(file.ToArray()).Graph;
        var node = graph.Node.Single(node => node.OpType == "GRU");
        Assert.AreEqual(0L, node.Attribute.Single(attribute => attribute.Name == "linear_before_reset").I);
        if (precision is not OnnxPrecision.Single)
        {
            // Weights of 11 or 7 bits err by 1 in 2^12 or 2^8 at most.
            var error = report.Outputs.Single();
            var relative = error.MaximumAbsoluteError / error.MeanAbsoluteValue;
            Assert.IsTrue(relative > 0 && relative < (precision is OnnxPrecision.Half ? 1 / 4096.0 : 1 / 256.0), error.ToString());
            return;
        }
        using var network = model.Model.ToNetwork();
        // The input weights have the blocks f, n in the file, as in the network.
        CollectionAssert.AreEqual(network["mgu_1.weight_ih"].Value.Span.ToArray(), NetworkReader.Values(graph, "mgu_1.weight_ih"));
        Assert.HasCount(8, graph.Initializer.Where(tensor => tensor.Name.StartsWith("mgu_1.", StringComparison.Ordinal)));
    }
}
