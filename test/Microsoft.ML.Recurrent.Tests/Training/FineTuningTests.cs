using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

[TestClass]
public sealed class FineTuningTests
{
    private static readonly MLContext Context = new(1);
    private static RecurrentRegressionTransformer s_model = null!;

    private static RecurrentRegressionTrainer.Options Options => new() { HiddenSize = 12, MaximumNumberOfEpochs = 15, LearningRate = 1e-2f, Seed = 5 };

    [ClassInitialize]
    public static void Train(TestContext _) => s_model = Context.Regression.Trainers.RecurrentNetwork(Options).Fit(Context.Data.LoadFromEnumerable(Sums(600, 1)));

    private static double Error(RecurrentRegressionTransformer model, IEnumerable<SumRow> rows) => Context.Regression.Evaluate(model.Transform(Context.Data.LoadFromEnumerable(rows))).RootMeanSquaredError;

    private static RecurrentRegressionTransformer FineTune(IEnumerable<SumRow> rows, Action<RecurrentRegressionTrainer.Options> change)
    {
        var options = Options;
        (options.InitialModel, options.MaximumNumberOfEpochs) = (s_model.Model, 5);
        change(options);
        return Context.Regression.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows));
    }

    [TestMethod]
    public void Training_goes_on_where_it_ended()
    {
        // The same task with another offset, and few rows of it.
        SumRow[] Shifted(int count, int seed) => [.. Sums(count, seed).Select(row => new SumRow { Features = row.Features, Label = row.Label + 20 })];
        var tuned = FineTune(Shifted(100, 2), _ => { });
        var options = Options;
        options.MaximumNumberOfEpochs = 5;
        var fresh = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Shifted(100, 2)));
        var test = Shifted(200, 3);
        Assert.IsLessThan(0.5 * Error(fresh, test), Error(tuned, test));
    }

    [TestMethod]
    public void Frozen_layers_keep_their_weights_and_others_change()
    {
        var tuned = FineTune(Sums(100, 4), options => options.FrozenLayers = ["lstm_1"]);
        using var before = s_model.Model.ToNetwork();
        using var after = tuned.Model.ToNetwork();
        foreach (var parameter in before.Parameters)
        {
            var same = parameter.Value.Span.SequenceEqual(after[parameter.Name].Value.Span);
            Assert.AreEqual(!parameter.Name.StartsWith("head.", StringComparison.Ordinal), same, parameter.Name);
        }
    }

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        void Says(Action fit, string name, params string[] parts)
        {
            var error = Assert.ThrowsExactly<ArgumentException>(fit);
            Assert.AreEqual(name, error.ParamName);
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        }
        Says(() => FineTune(Sums(50, 1), options => options.FrozenLayers = ["gru_7"]), "FrozenLayers", "'gru_7'", "lstm_1, head");
        Says(() => FineTune(Sums(50, 1), options => (options.InitialModel, options.FrozenLayers) = (null, ["lstm_1"])), "FrozenLayers", "needs an InitialModel");
        var data = Context.Data.LoadFromEnumerable(Firsts(50, 1));
        Says(() => Context.BinaryClassification.Trainers.RecurrentNetwork(new() { InitialModel = s_model.Model }).Fit(data), "InitialModel", "1 numbers in a step", "need 2");
    }
}
