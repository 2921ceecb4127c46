using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML.Recurrent.Benchmarks.Platforms;

/// <summary>
/// A small model that every platform trains alike. Its data come from whole numbers and single additions and multiplications, which are the same bits
/// everywhere; a sine is not.
/// </summary>
internal sealed record PlatformModel(string Name, string Answer, Func<MLContext, IDataView> Data, Func<MLContext, IDataView, RecurrentTransformer> Train)
{
    private const int Epochs = 5, Window = 14, Steps = 12, Width = 3;

    public static IReadOnlyList<PlatformModel> All { get; } =
    [
        new("lstm-forecaster", "Forecast", Series, (context, data) => context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Output = { ForecastColumnName = "Forecast" },
            Input = { InputColumnName = nameof(Day.Sales), WindowSize = Window },
            Horizon = 7,
            Network = { HiddenSize = 24, NumberOfLayers = 2 },
            Stopping = { MaximumNumberOfEpochs = Epochs },
            Seed = 1,
        }).Fit(data))
        {
            RowsWithoutAnswer = Window - 1,
        },
        new("gru-classifier", "Probability", Sequences, (context, data) => context.BinaryClassification.Trainers.RecurrentNetwork(new()
        {
            Network = { Cell = RecurrentCell.Gru, Bidirectional = true, HiddenSize = 20 },
            Stopping = { MaximumNumberOfEpochs = Epochs },
            Seed = 1,
        }).Fit(data)),
        new("rnn-regression", "Score", Sequences, (context, data) => context.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { Cell = RecurrentCell.SimpleRnn, HiddenSize = 33 },
            LabelColumnName = nameof(Example.Sum),
            Stopping = { MaximumNumberOfEpochs = Epochs },
            Seed = 1,
        }).Fit(data)),
    ];

    /// <summary>Rows at the beginning that have no full window.</summary>
    public int RowsWithoutAnswer { get; init; }

    /// <summary>The model's answers to its data, as one row of numbers.</summary>
    public float[] Score(MLContext context, ITransformer model)
    {
        var scored = model.Transform(Data(context));
        return scored.Schema[Answer].Type is VectorDataViewType
            ? [.. scored.GetColumn<float[]>(Answer).Skip(RowsWithoutAnswer).SelectMany(values => values)]
            : [.. scored.GetColumn<float>(Answer)];
    }

    // A week's shape on a slow rise, with noise.
    private static IDataView Series(MLContext context)
    {
        float[] week = [0, 4, 7, 6, 9, 15, 12];
        var random = new Random(1);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, 400)
            .Select(day => new Day { Sales = 50 + day * 0.125f + week[day % 7] + random.NextSingle() }).ToArray());
    }

    private static IDataView Sequences(MLContext context)
    {
        var random = new Random(2);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(_ =>
        {
            float[] features = [.. Enumerable.Range(0, Steps * Width).Select(_ => random.NextSingle() - 0.5f)];
            return new Example { Features = features, Label = features[0] + features[Width] > 0, Sum = features[0] - features[1] + features[^1] };
        }).ToArray());
    }

    private sealed class Day
    {
        public float Sales { get; set; }
    }

    private sealed class Example
    {
        [VectorType(Steps, Width)] public float[] Features { get; set; } = [];
        public bool Label { get; set; }
        public float Sum { get; set; }
    }
}
