using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Data;

/// <summary>Properties that are arrays of two dimensions: ML.NET takes them into a schema and cannot read them. The error names the column.</summary>
[TestClass]
public sealed class ArrayOfTwoDimensionsTests
{
    private static readonly MLContext s_context = new(1);

    private static readonly IDataView s_data = s_context.Data.LoadFromEnumerable([new Row(), new Row(), new Row(), new Row()]);

    [TestMethod]
    public void Trainers_name_the_column()
    {
        Named("Steps", () => s_context.Regression.Trainers.Lstm("Label", "Steps").Fit(s_data));
        Named("Steps", () => s_context.Regression.Trainers.RecurrentNetwork(
            new() { FeatureColumnName = "Whole", Features = { AdditionalColumnNames = ["Steps"] } }).Fit(s_data));
        Named("Steps", () => s_context.Regression.Trainers.RecurrentNetwork(new() { FeatureColumnName = "Whole", Features = { StaticColumnNames = ["Steps"] } })
            .Fit(s_data));
        Named("Numbers", () => s_context.Regression.Trainers.Lstm("Label", "Numbers").Fit(s_data));
        Named("Steps", () => s_context.Forecasting.ForecastByLstm("Forecast", "Steps", windowSize: 2, horizon: 1).Fit(s_data));
    }

    [TestMethod]
    public void Scoring_names_the_column()
    {
        using var model = s_context.Regression.Trainers.RecurrentNetwork(
            new() { FeatureColumnName = "Whole", Network = { HiddenSize = 2 }, Stopping = { MaximumNumberOfEpochs = 1 } }).Fit(s_data);
        var other = s_context.Data.LoadFromEnumerable([new Other()]);
        Named("Whole", () => model.Transform(other).GetColumn<float>("Score").ToArray());
        Named("Whole", () => s_context.Model.CreatePredictionEngine<Other, Answer>(model).Predict(new Other()));
    }

    private static void Named(string column, Func<object> act)
    {
        var error = Assert.Throws<ArgumentException>(() => act());
        StringAssert.Contains(error.Message, $"'{column}'");
        StringAssert.Contains(error.Message, "float[] with [VectorType(steps, numbers)]");
    }

    private sealed class Row
    {
        [VectorType(5, 2)]
        public float[,] Steps { get; set; } = new float[5, 2];

        [VectorType(5, 2)]
        public double[,] Numbers { get; set; } = new double[5, 2];

        [VectorType(5, 2)]
        public float[] Whole { get; set; } = new float[10];

        public float Label { get; set; }
    }

    private sealed class Other
    {
        [VectorType(5, 2)]
        public float[,] Whole { get; set; } = new float[5, 2];
    }

    private sealed class Answer
    {
        public float Score { get; set; }
    }
}
