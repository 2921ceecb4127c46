using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Regression;

/// <summary>Features that need more than the 24 bits of a Single: counters, times in seconds, coordinates.</summary>
[TestClass]
public sealed class WideFeatureTests
{
    private const double Level = 5e7;

    private class Row
    {
        [VectorType(5)] public double[] Features { get; set; } = [];
        [VectorType(5)] public long[] Seconds { get; set; } = [];
        public double Site { get; set; }
        public float Label { get; set; }
    }

    private sealed class Scored : Row
    {
        public float Score { get; set; }
    }

    private static Row[] Rows(double level, long start = 0)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 500).Select(_ =>
        {
            var x = Enumerable.Range(0, 5).Select(_ => random.NextDouble()).ToArray();
            long[] seconds = [.. Enumerable.Range(0, 5).Select(_ => 60L * random.Next(2))];
            var site = random.Next(3);
            return new Row
            {
                Features = [.. x.Select(value => level + value)], Seconds = [.. seconds.Select(value => start + value)], Site = 40 * level + site,
                Label = (float)(x.Sum() + seconds.Sum() / 60 + site),
            };
        })];
    }

    private static (RecurrentRegressionTransformer Model, IDataView Data, MLContext Context) Fit(double level, long start)
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(Rows(level, start));
        return (context.Regression.Trainers.RecurrentNetwork(new()
        {
            Features = { AdditionalColumnNames = ["Seconds"], StaticColumnNames = ["Site"] },
            Network = { HiddenSize = 16 },
            Stopping = { MaximumNumberOfEpochs = 30 },
            Seed = 2,
        }).Fit(data), data, context);
    }

    private static double Fits((RecurrentRegressionTransformer Model, IDataView Data, MLContext Context) fit) =>
        fit.Context.Regression.Evaluate(fit.Model.Transform(fit.Data)).RSquared;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_value_far_from_the_others_is_told_as_it_stands_in_the_data(bool isStatic)
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        var rows = Rows(Level);
        if (isStatic) rows[7].Site = 4e15;
        else rows[7].Features[2] = 4e15;
        using var model = context.Regression.Trainers.RecurrentNetwork(new()
        {
            Features = { StaticColumnNames = ["Site"] },
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        }).Fit(context.Data.LoadFromEnumerable(rows));
        var message = seen.Messages.Single(text => text.StartsWith("MLR1010", StringComparison.Ordinal));
        StringAssert.Contains(message, isStatic ? "'Site'" : "'Features'");
        StringAssert.Matches(message, new(isStatic ? @"holds (3999999|4000000)\d{9} \(row 7\)" : @"holds (3999999|4000000)\d{9} \(row 7, step 2\)"));
        StringAssert.Matches(message, new(isStatic ? @"lie from 2000000000 to 2000000002" : @"lie from 50000000(\.\d+)? to 5000000[01](\.\d+)?\."));
    }

    [TestMethod]
    public void Features_of_a_high_level_are_as_good_as_without_it()
    {
        var (low, high) = (Fits(Fit(0, 0)), Fits(Fit(Level, 1_700_000_000)));
        NumberAssert.IsGreaterThan(0.9, low);
        NumberAssert.IsGreaterThan(low - 0.03, high);
    }

    [TestMethod]
    public void A_graph_takes_them_as_doubles_and_so_does_a_saved_model()
    {
        var (model, data, context) = Fit(Level, 1_700_000_000);
        using var stream = new MemoryStream();
        model.Model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        var rows = context.Data.CreateEnumerable<Scored>(model.Transform(data), false).Take(20).ToArray();
        Dictionary<string, OrtValue> inputs = new()
        {
            ["Features"] = Value(row => row.Features, 5, 1), ["Seconds"] = Value(row => Array.ConvertAll(row.Seconds, value => (double)value), 5, 1),
            ["Site"] = Value(row => [row.Site], 1),
        };
        using var run = new RunOptions();
        using var answers = session.Run(run, inputs, ["Score"]);
        var scores = answers[0].GetTensorDataAsSpan<float>().ToArray();
        for (var row = 0; row < rows.Length; row++) Assert.AreEqual(rows[row].Score, scores[row], 1e-4);

        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = context.Model.Load(file, out _);
        CollectionAssert.AreEqual(rows.Select(row => row.Score).ToArray(),
            context.Data.CreateEnumerable<Scored>(loaded.Transform(data), false).Take(20).Select(row => row.Score).ToArray());

        // ML.NET's export of a whole pipeline.
        using var pipeline = new MemoryStream();
        context.Model.ConvertToOnnx(model, data, pipeline);
        using var whole = new InferenceSession(pipeline.ToArray());
        Assert.AreEqual(typeof(double), whole.InputMetadata["Features"].ElementType);

        OrtValue Value(Func<Scored, double[]> numbers, params long[] shape) =>
            OrtValue.CreateTensorValueFromMemory(rows.SelectMany(numbers).ToArray(), [rows.Length, .. shape]);
    }

    private sealed class Step
    {
        public int Series { get; set; }
        public double X { get; set; }
        public float Label { get; set; }
    }

    private sealed class Score
    {
        public float Label { get; set; }

        [ColumnName("Score")]
        public float Value { get; set; }
    }

    [TestMethod]
    public void Grouped_sequences_and_streams_of_steps_keep_all_bits()
    {
        var random = new Random(1);
        var steps = Enumerable.Range(0, 300).SelectMany(series =>
        {
            var x = Enumerable.Range(0, 4).Select(_ => random.NextDouble()).ToArray();
            return x.Select(value => new Step { Series = series, X = Level + value, Label = (float)x.Sum() });
        }).ToArray();
        var context = new MLContext(1);
        var data = context.Data.GroupIntoSequences(context.Data.LoadFromEnumerable(steps), "Features", ["X"], "Series");
        var model = context.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { HiddenSize = 16 }, Stopping = { MaximumNumberOfEpochs = 30 }, Seed = 2,
        }).Fit(data);
        var scored = model.Transform(data);
        NumberAssert.IsGreaterThan(0.9, context.Regression.Evaluate(scored).RSquared);

        using var stream = new SequenceStream<int>(model.Model);
        var answers = context.Data.CreateEnumerable<Score>(scored, false).Take(10).ToArray();
        var output = new float[1];
        for (var series = 0; series < answers.Length; series++)
        {
            foreach (var step in steps[(4 * series)..(4 * series + 4)]) stream.Step([series], [step.X], output);
            Assert.AreEqual(answers[series].Value, output[0], 1e-4);
        }
        stream.Step([0], [double.NaN], output);
        Assert.IsTrue(float.IsNaN(output[0]));
    }

    [TestMethod]
    public void Fine_tuning_keeps_what_is_subtracted()
    {
        var (model, data, context) = Fit(Level, 1_700_000_000);
        var tuned = context.Regression.Trainers.RecurrentNetwork(new()
        {
            Features = { AdditionalColumnNames = ["Seconds"], StaticColumnNames = ["Site"] },
            Network = { Initialization = { Model = model.Model } },
            Stopping = { MaximumNumberOfEpochs = 2 },
        }).Fit(context.Data.TakeRows(data, 100));
        NumberAssert.IsGreaterThan(0.9, Fits((tuned, data, context)));
        for (var i = 0; i < 3; i++)
            CollectionAssert.AreEqual(model.Model.Manifest.Inputs[i].Origins.ToArray(), tuned.Model.Manifest.Inputs[i].Origins.ToArray());
    }

    [TestMethod]
    public void Fine_tuning_of_a_model_of_Singles_tells_what_is_lost()
    {
        var (model, _, context) = Fit(0, 0);
        using var seen = new SeenWarnings(context);
        var data = context.Data.LoadFromEnumerable(Rows(Level));
        context.Regression.Trainers.RecurrentNetwork(new()
        {
            Features = { AdditionalColumnNames = ["Seconds"], StaticColumnNames = ["Site"] },
            Network = { Initialization = { Model = model.Model } },
            Stopping = { MaximumNumberOfEpochs = 1 },
        }).Fit(data);
        var warning = seen.Messages.Single(message => message.StartsWith("MLR1601", StringComparison.Ordinal));
        StringAssert.Contains(warning, "The column 'Features' has 2500 distinct values, of which 1 can be told apart");
        StringAssert.Contains(warning, "The column 'Site' has 3 distinct values, of which 1 can be told apart");
    }
}
