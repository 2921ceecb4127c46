using System.IO.Compression;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Hosting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>The same data and seed give the same bytes, whatever the clock says and for any number of threads. PackageTests trains in two processes.</summary>
[TestClass]
public sealed class SameSeedTests
{
    [TestMethod]
    [DataRow("regression")]
    [DataRow("binary")]
    [DataRow("multiclass")]
    [DataRow("forecasting")]
    [DataRow("sampling")]
    public void The_same_seed_gives_the_same_files(string task)
    {
        var (onnx, entries) = Train(task, seed: 1, threads: 1);
        foreach (var threads in new[] { 1, 2 })
        {
            var (again, entriesAgain) = Train(task, seed: 1, threads);
            CollectionAssert.AreEqual(onnx, again, $"ExportToOnnx, {threads} threads");
            CollectionAssert.AreEqual(entries.Select(entry => entry.Name).ToArray(), entriesAgain.Select(entry => entry.Name).ToArray());
            foreach (var (entry, same) in entries.Zip(entriesAgain))
                CollectionAssert.AreEqual(entry.Bytes, same.Bytes, $"{entry.Name} of model.zip, {threads} threads");
        }
        CollectionAssert.AreNotEqual(onnx, Train(task, seed: 2, threads: 1).Onnx);
    }

    private static (byte[] Onnx, (string Name, byte[] Bytes)[] Entries) Train(string task, int seed, int threads)
    {
        var context = new MLContext(seed);
        var (pipeline, data) = Task(context, task, threads);
        var chain = pipeline.Fit(data);
        var transformer = chain.Last();
        var model = ((RecurrentTransformer)transformer).Model;
        Assert.IsTrue(model.History.Elapsed > TimeSpan.Zero);
        Assert.IsTrue(model.History.Epochs.All(epoch => epoch.SequencesPerSecond > 0));

        using var onnx = new MemoryStream();
        model.ExportToOnnx(onnx);
        using var file = new MemoryStream();
        context.Model.Save(chain, data.Schema, file);
        using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        var entries = zip.Entries.Select(entry =>
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return (entry.FullName, bytes.ToArray());
        }).ToArray();
        chain.Dispose();
        return (onnx.ToArray(), entries);
    }

    private static (EstimatorChain<ITransformer> Pipeline, IDataView Data) Task(MLContext context, string task, int threads)
    {
        var start = new EstimatorChain<ITransformer>();
        IEstimator<ITransformer> Forecaster(LikelihoodName likelihood, ForecastStrategy strategy, string? samples) =>
            context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = { InputColumnName = "Value", WindowSize = 12 },
                Horizon = 4,
                Network = { HiddenSize = 8 },
                Stopping = { MaximumNumberOfEpochs = 2 },
                NumberOfThreads = threads,
                Likelihood = likelihood.ToOption(),
                Decoding = { Strategy = strategy },
                Output = { SamplesColumnName = samples, ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
            });
        IDataView Series() => context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 200).Select(i => new Point { Value = 2 + MathF.Sin(i / 5f) + 0.1f * MathF.Cos(i * i) }).ToArray());
        return task switch
        {
            "regression" => (start.Append((IEstimator<ITransformer>)context.Regression.Trainers.RecurrentNetwork(new()
            {
                Network = { HiddenSize = 8, Regularization = { DropoutRate = 0.2f } },
                Stopping = { MaximumNumberOfEpochs = 3 },
                NumberOfThreads = threads,
                Optimizer = { BatchSize = 16 },
            })), context.Data.LoadFromEnumerable(Sums(200, 1))),
            "binary" => (start.Append((IEstimator<ITransformer>)context.BinaryClassification.Trainers.RecurrentNetwork(new()
            {
                Network = { HiddenSize = 8 },
                Stopping = { MaximumNumberOfEpochs = 2 },
                NumberOfThreads = threads,
            })), context.Data.LoadFromEnumerable(Firsts(200, 1))),
            "multiclass" => (start.Append((IEstimator<ITransformer>)context.Transforms.Conversion.MapValueToKey("Words"))
                .Append((IEstimator<ITransformer>)context.Transforms.Conversion.MapValueToKey("Class"))
                .Append((IEstimator<ITransformer>)context.MulticlassClassification.Trainers.RecurrentNetwork(new()
                {
                    LabelColumnName = "Class",
                    FeatureColumnName = "Words",
                    Network = { HiddenSize = 8 },
                    Stopping = { MaximumNumberOfEpochs = 2 },
                    NumberOfThreads = threads,
                })), context.Data.LoadFromEnumerable(Words(200, 1))),
            "forecasting" => (start.Append(Forecaster(LikelihoodName.Point, ForecastStrategy.Direct, null)), Series()),
            "sampling" => (start.Append(Forecaster(LikelihoodName.Gaussian, ForecastStrategy.Recursive, "Samples")), Series()),
            _ => throw new ArgumentOutOfRangeException(nameof(task)),
        };
    }

    private sealed class Point
    {
        public float Value { get; set; }
    }
}
