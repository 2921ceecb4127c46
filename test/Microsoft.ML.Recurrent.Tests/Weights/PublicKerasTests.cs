namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>Keras archives of public repositories, which the folder RECURRENT_MODELS has; the answers of two are those of the ONNX files beside them.</summary>
[TestClass]
[TestCategory("Fetched")]
public sealed class PublicKerasTests
{
    private const string Variable = "RECURRENT_MODELS";

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Two_LSTM_layers_and_a_dense_one_answer_as_their_twin()
    {
        var folder = Folder("SubramaniMokkala/aircraft-predictive-maintenance/models");
        var model = _ml.Model.LoadRecurrentWeights(Path.Combine(folder, "lstm_model.keras"), SequenceNetwork.Create().Lstm(64).Lstm(32).Dense(16),
            new() { TimeSteps = 30 });
        var input = Answers.Random(4 * 30 * 17);
        Answers.AreClose(Answers.OfFile(Path.Combine(folder, "lstm_model.onnx"), input, 4, 30, 17), Answers.Of(model, input, 4, 30, 17));
    }

    [TestMethod]
    public void Outputs_per_step_answer_as_their_twin_of_the_last_steps()
    {
        var folder = Folder("mcklrrn-corpuz/water-forecast-app");
        var model = _ml.Model.LoadRecurrentWeights(Path.Combine(folder, "lstm_model.keras"), SequenceNetwork.Create().Lstm(128).Lstm(64),
            new() { OutputPerStep = true });
        var input = Answers.Random(120 * 5);
        var expected = Answers.OfFile(Path.Combine(folder, "lstm_model.onnx"), input, 1, 120, 5);
        Answers.AreClose(expected, Answers.Of(model, input, 1, 120, 5)[^expected.Length..]);
    }

    [TestMethod]
    [DataRow("deepak-d-gt/GRU_FORECASTING_MODEL/gru_model.keras")]
    [DataRow("Fauzzzs7/bi_lstm/lstm_model.keras")]
    public void Archives_without_a_twin_load(string path)
    {
        var network = path.Contains("gru", StringComparison.Ordinal) ? SequenceNetwork.Create().Gru(64).Gru(32) : SequenceNetwork.Create().Lstm(50).Lstm(50);
        var model = _ml.Model.LoadRecurrentWeights(Path.Combine([Folder(""), .. path.Split('/')]), network);
        var features = model.Description.Features;
        Assert.HasCount(2, Answers.Of(model, Answers.Random(2 * 5 * features), 2, 5, features));
    }

    [TestMethod]
    public void What_a_network_cannot_describe_is_listed()
    {
        var path = Path.Combine(Folder("mcklrrn-corpuz/water-forecast-app"), "gru_model.keras");
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Gru(128).Gru(64), new() { OutputPerStep = true }));
        StringAssert.Contains(error.Message, "layers/gru_2/cell/vars/0 [128, 192]");
    }

    private static string Folder(string repository)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            Assert.Inconclusive($"This test reads files of public repositories: fetch them by build/public-models.sh, and set {Variable} to their folder.");
        return Path.Combine([Environment.GetEnvironmentVariable(Variable)!, .. repository.Split('/')]);
    }
}
