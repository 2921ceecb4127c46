using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Autoencoding;

/// <summary>Series of two hidden numbers, an amplitude and a phase, and small autoencoders of them.</summary>
internal static class Waves
{
    public const int Steps = 12;

    public static MLContext Context { get; } = new(1);

    public static Row[] Draw(int count, int seed, bool varying = false)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (amplitude, phase) = (1 + 2 * random.NextDouble(), 1.5 * random.NextDouble());
            float[] wave = [.. Enumerable.Range(0, Steps).Select(t => (float)(5 + amplitude * Math.Sin(0.6 * t + phase) + 0.1 * (random.NextDouble() - 0.5)))];
            return new Row
            {
                Wave = wave,
                Varying = varying ? wave[..random.Next(3, Steps + 1)] : wave,
                Pairs = [.. wave.SelectMany(value => new[] { value, 100 * value })],
                Amplitude = (float)amplitude,
            };
        })];
    }

    public static IDataView View(params Row[] rows) => Context.Data.LoadFromEnumerable(rows);

    public static RecurrentAutoencoderTrainer.Options Options(int epochs = 3, string input = "Wave") => new()
    {
        InputColumnName = input,
        Network = { Cell = RecurrentCell.Gru, HiddenSize = 10 },
        Latent = { Size = 3 },
        Stopping = { MaximumNumberOfEpochs = epochs },
        Optimizer = { LearningRate = 0.01f, BatchSize = 20 },
        Seed = 1,
    };

    public static RecurrentAutoencoderTransformer Fit(IDataView data, RecurrentAutoencoderTrainer.Options? options = null, IDataView? validation = null) =>
        Context.Transforms.EncodeBySequenceAutoencoder(options ?? Options()).Fit(data, validation);

    public sealed class Row
    {
        [VectorType(Steps)] public float[] Wave { get; set; } = [];

        public float[] Varying { get; set; } = [];

        [VectorType(Steps, 2)] public float[] Pairs { get; set; } = [];

        public float Amplitude { get; set; }

        public float Weight { get; set; } = 1;
    }
}
