using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Autoencoding;

/// <summary>Heartbeats (ECG200): the bound on the test part, codes that tell ischemia, and beats that are drawn.</summary>
[TestClass]
public sealed class RealSeriesTests
{
    private const int Steps = 96;

    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Heartbeats_are_coded_and_drawn()
    {
        IDataView train = Read("train"), test = Read("test");
        using var model = _context.Transforms.EncodeBySequenceAutoencoder(new RecurrentAutoencoderTrainer.Options
        {
            InputColumnName = "Beat",
            Network = { HiddenSize = 64 },
            Latent = { Size = 16 },
            Reconstruction = { Scale = 0.5f },
            Optimizer = { LearningRate = 0.001f, BatchSize = 20 },
            Stopping = { MaximumNumberOfEpochs = 200, ValidationFraction = 0 },
            Seed = 1,
        }).Fit(train);
        var metrics = model.Evaluate(test);
        // Normal numbers that are independent have the density of their deviation at each step.
        NumberAssert.IsGreaterThan(Independent(train, test) + 5, metrics.EvidenceLowerBound, metrics.ToString());
        NumberAssert.IsGreaterThanOrEqualTo(2, metrics.ActiveVariables);

        // Two of three beats are normal; the codes, learned without labels, tell more.
        var classifier = _context.BinaryClassification.Trainers.LbfgsLogisticRegression("IsNormal", "Latent").Fit(model.Transform(train));
        NumberAssert.IsGreaterThan(0.7, _context.BinaryClassification.Evaluate(classifier.Transform(model.Transform(test)), "IsNormal").Accuracy);

        // Beats that are drawn have the mean beat of the data.
        double[] drawn = Means(model.Sample(300, seed: 1)), seen = Means(train);
        NumberAssert.IsLessThan(0.35, Math.Sqrt(drawn.Zip(seen).Average(step => Math.Pow(step.First - step.Second, 2))));
    }

    private static double Independent(IDataView train, IDataView test)
    {
        float[][] beats = [.. train.GetColumn<float[]>("Beat")];
        var means = Means(train);
        double[] deviations = [.. means.Select((mean, t) => Math.Sqrt(beats.Average(beat => Math.Pow(beat[t] - mean, 2))))];
        return test.GetColumn<float[]>("Beat").Average(beat => beat.Select((value, t) =>
            -0.5 * Math.Pow((value - means[t]) / deviations[t], 2) - Math.Log(deviations[t] * Math.Sqrt(2 * Math.PI))).Sum());
    }

    private static double[] Means(IDataView rows)
    {
        float[][] beats = [.. rows.GetColumn<float[]>("Beat")];
        return [.. Enumerable.Range(0, Steps).Select(t => beats.Average(beat => (double)beat[t]))];
    }

    private IDataView Read(string part) => _context.Data.LoadFromEnumerable(File.ReadLines(SharedFolder.Find("data", "ecg200", part + ".csv")).Skip(1)
        .Select(line => line.Split(',')).Select(cells => new Heartbeat
        {
            IsNormal = float.Parse(cells[0], CultureInfo.InvariantCulture) > 0,
            Beat = [.. cells[1..].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))],
        }).ToArray());

    private sealed class Heartbeat
    {
        public bool IsNormal { get; set; }

        [VectorType(Steps)] public float[] Beat { get; set; } = [];
    }
}
