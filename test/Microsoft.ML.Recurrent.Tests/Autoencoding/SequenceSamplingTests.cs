using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using static Microsoft.ML.Recurrent.Tests.Autoencoding.Waves;

namespace Microsoft.ML.Recurrent.Tests.Autoencoding;

/// <summary>New sequences of an autoencoder, and its evidence lower bound.</summary>
[TestClass]
public sealed class SequenceSamplingTests
{
    private static readonly Lazy<RecurrentAutoencoderTransformer> s_trained = new(() => Fit(View(Draw(300, 1)), Options(60)));

    private static RecurrentAutoencoderTransformer Trained => s_trained.Value;

    [TestMethod]
    public void Samples_are_like_the_series_and_come_by_seed()
    {
        var drawn = Samples(Trained.Sample(200, seed: 5));
        Assert.AreEqual($"Vector<Single, {Steps}, 1>", Trained.Sample(1).Schema["Wave"].Type.ToString());
        var rows = Draw(200, 2).Select(row => row.Wave).ToArray();
        foreach (var (name, of) in new (string, Func<float[][], double>)[]
        {
            ("mean", all => all.Average(row => row.Average())),
            ("deviation", all => Math.Sqrt(all.Average(row => row.Average(value => Math.Pow(value - 5, 2))))),
            ("first step", all => all.Average(row => row[0])),
            ("last step", all => all.Average(row => row[^1])),
        })
            Assert.AreEqual(of(rows), of(drawn), 0.4, name);
        Contract.Answers.AssertEqual(drawn[..20], Samples(Trained.Sample(20, seed: 5)), "prefix");
        CollectionAssert.AreNotEqual(drawn[0], Samples(Trained.Sample(1, seed: 6))[0]);
        Assert.IsEmpty(Samples(Trained.Sample(0)));

        // The noise of the likelihood, which is about that of the data.
        var noisy = Samples(Trained.Sample(200, seed: 5, addNoise: true));
        var noise = drawn.Zip(noisy).SelectMany(pair => pair.First.Zip(pair.Second, (mean, value) => value - mean)).ToArray();
        Assert.AreEqual(0, noise.Average(), 0.02);
        var scale = Math.Sqrt(noise.Average(value => value * value));
        Assert.IsTrue(scale is > 0.02 and < 0.4, $"{scale}");
    }

    [TestMethod]
    public void Another_process_draws_the_same()
    {
        var lines = SecondProcess.Run(Context, Trained, View(Draw(1, 1)), ["Sample(7, 3)"]);
        Contract.Answers.AssertEqual(Samples(Trained.Sample(7, seed: 3)),
            [.. lines.Select(line => line.Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture)).ToArray())], "samples");
    }

    [TestMethod]
    public void Decoded_codes_are_the_reconstructions_and_points_between_them_lie_between()
    {
        var scored = Trained.Transform(View(Draw(2, 3)));
        var (codes, decoded) = (scored.GetColumn<float[]>("Latent").ToArray(), scored.GetColumn<float[]>("Reconstruction").ToArray());
        Contract.Answers.AssertEqual(decoded, Samples(Trained.Decode(codes)), "codes", 1e-4f);
        float[] middle = [.. codes[0].Zip(codes[1], (a, b) => (a + b) / 2)];
        var between = Samples(Trained.Decode([middle]))[0];
        double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => Math.Pow(x - y, 2)).Sum());
        var whole = Distance(decoded[0], decoded[1]);
        NumberAssert.IsLessThan(whole, Distance(between, decoded[0]));
        NumberAssert.IsLessThan(whole, Distance(between, decoded[1]));
        Assert.AreEqual("latents", Assert.Throws<ArgumentException>(() => Trained.Decode([[1, 2]])).ParamName);
        Assert.Throws<ArgumentException>(() => Trained.Decode([[1, 2, float.NaN]]));
    }

    [TestMethod]
    public void A_length_is_needed_where_lengths_vary_and_only_there()
    {
        using var model = Fit(View(Draw(60, 4, varying: true)), Options(2, "Varying"));
        Assert.AreEqual("length", Assert.Throws<ArgumentNullException>(() => model.Sample(3)).ParamName);
        Assert.AreEqual("length", Assert.Throws<ArgumentOutOfRangeException>(() => model.Sample(3, length: 0)).ParamName);
        Assert.HasCount(7, model.Sample(3, length: 7).GetColumn<float[]>("Varying").First());
        Assert.AreEqual("length", Assert.Throws<ArgumentOutOfRangeException>(() => Trained.Sample(3, length: 7)).ParamName);
        Assert.HasCount(Steps, Samples(Trained.Sample(1, length: Steps))[0]);
        Assert.AreEqual("count", Assert.Throws<ArgumentOutOfRangeException>(() => Trained.Sample(-1)).ParamName);
        // The drawn rows can be scored like any others.
        Assert.HasCount(5, model.Transform(model.Sample(5, length: 4)).GetColumn<float[]>("Latent").ToArray());
    }

    [TestMethod]
    public void The_bound_is_that_of_the_numbers_in_their_unit()
    {
        var rows = Draw(200, 5);
        var (options, scaled) = (Options(10), rows.Select(row => new Row { Wave = [.. row.Wave.Select(value => 8 * value)] }).ToArray());
        using var model = Fit(View(rows), options);
        using var larger = Fit(View(scaled), options);
        RecurrentAutoencoderMetrics here = model.Evaluate(View(rows)), there = larger.Evaluate(View(scaled));
        Assert.AreEqual(here.EvidenceLowerBound - Steps * Math.Log(8), there.EvidenceLowerBound, 1e-3);
        Assert.AreEqual(here.ImportanceWeightedBound - Steps * Math.Log(8), there.ImportanceWeightedBound, 1e-3);
        Assert.AreEqual(here.KlDivergence, there.KlDivergence, 1e-4);

        Assert.HasCount(200, here.Rows);
        Assert.AreEqual(here.KlDivergence, here.KlDivergenceByVariable.Sum(), 1e-9);
        Assert.AreEqual(here.LogLikelihood - here.KlDivergence, here.EvidenceLowerBound, 1e-9);
        NumberAssert.IsGreaterThan(here.EvidenceLowerBound, here.ImportanceWeightedBound);
        Assert.IsTrue(here.ActiveVariables is > 0 and <= 3);
        // One draw says less, but nothing else; more draws tighten the importance-weighted bound.
        Assert.AreEqual(here.EvidenceLowerBound, model.Evaluate(View(rows), 1, seed: 4).EvidenceLowerBound, 0.5);
        NumberAssert.IsGreaterThan(here.ImportanceWeightedBound, model.Evaluate(View(rows), 200).ImportanceWeightedBound);
        StringAssert.Contains(here.ToString(), "latent variables active");
    }

    /// <summary>Bits of a row depend on its place alone, whatever the rows beside it.</summary>
    [TestMethod]
    public void Evidence_of_a_row_is_the_same_in_any_company()
    {
        var rows = Draw(300, 6, varying: true);
        using var model = Fit(View(rows), Options(2, "Varying"));
        RecurrentAutoencoderMetrics all = model.Evaluate(View(rows), 2), first = model.Evaluate(View(rows[..3]), 2);
        for (var i = 0; i < 3; i++) Assert.AreEqual(all.Rows[i].EvidenceLowerBound, first.Rows[i].EvidenceLowerBound, 1e-4);
        Assert.Contains("no rows", Assert.Throws<ArgumentException>(() => model.Evaluate(View())).Message);
        rows[2].Varying[0] = float.NaN;
        Assert.Contains("Row 2", Assert.Throws<ArgumentException>(() => model.Evaluate(View(rows))).Message);
    }

    private static float[][] Samples(IDataView drawn) => [.. drawn.GetColumn<float[]>("Wave")];
}
