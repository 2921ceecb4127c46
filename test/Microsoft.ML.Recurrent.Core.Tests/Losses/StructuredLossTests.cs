using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Losses;

/// <summary>Losses of classes, distributions and sequences against golden vectors and enumeration.</summary>
[TestClass]
public class StructuredLossTests
{
    [TestMethod]
    public void Left_out_labels() =>
        LossTests.Match("softmaxCrossEntropyIgnore", (tape, x, golden) => SoftmaxCrossEntropyLoss.Apply(tape, x, LossTests.Labels(golden)));

    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.2f)]
    public void The_derivative_may_take_the_logits_place(float smoothing)
    {
        int[] labels = [2, -1, 0, 5];
        var (kept, replaced) = (Run(inPlace: false), Run(inPlace: true));
        CollectionAssert.AreEqual(kept, replaced);

        float[] Run(bool inPlace)
        {
            using var tape = new Tape();
            using Tensor states = Tensor.Rent(new Shape(4, 3)), weight = Tensor.Rent(new Shape(6, 3)), weights = Tensor.From(new Shape(4), [1, 2, 0.5f, 3]);
            new RandomStream(1).FillGaussian(states.Span);
            new RandomStream(2).FillGaussian(weight.Span);
            Tape.Watch(states);
            Tape.Watch(weight);
            float[] result = [];
            for (var step = 0; step < 2; step++)
            {
                (states.HasGradient, weight.HasGradient) = (false, false);
                var loss = SoftmaxCrossEntropyLoss.Apply(tape, LinearOperation.Apply(tape, states, weight), labels, weights, smoothing, inPlace: inPlace);
                var value = loss[0];
                tape.Backward(loss, 2);
                tape.Reset();
                result = [value, .. states.Gradient!.Span, .. weight.Gradient!.Span];
            }

            return result;
        }
    }

    [TestMethod]
    public void Label_smoothing() => LossTests.Match("softmaxCrossEntropyLabelSmoothing",
        (tape, x, golden) => SoftmaxCrossEntropyLoss.Apply(tape, x, LossTests.Labels(golden),
            smoothing: golden.GetProperty("extra").GetProperty("smoothing").GetSingle()));

    [TestMethod]
    public void Class_weights() => LossTests.Match("softmaxCrossEntropyClassWeights", (tape, x, golden) =>
    {
        float[] weights = [.. golden.GetProperty("extra").GetProperty("weights").EnumerateArray().Select(w => w.GetSingle())];
        return SoftmaxCrossEntropyLoss.Apply(tape, x, LossTests.Labels(golden), classWeights: tape.Keep(Tensor.From(new Shape(weights.Length), weights)));
    });

    [TestMethod]
    public void Class_weights_with_smoothing_and_row_weights()
    {
        int[] labels = [1, -1, 0, 2];
        double[] classWeights = [0.5, 2, 1.25], rowWeights = [1, 5, 2, 0.5];
        using var ofClasses = Tensor.From(new Shape(3), Array.ConvertAll(classWeights, w => (float)w));
        using var ofRows = Tensor.From(new Shape(4), Array.ConvertAll(rowWeights, w => (float)w));
        GradientChecker.Check((tape, x) => [SoftmaxCrossEntropyLoss.Apply(tape, x[0], labels, ofRows, 0.25f, ofClasses)], x =>
        {
            double total = 0, weight = 0;
            for (var row = 0; row < 4; row++)
            {
                if (labels[row] < 0) continue;
                var logSum = Math.Log(Enumerable.Range(0, 3).Sum(c => Math.Exp(x[0][row * 3 + c])));
                total += rowWeights[row] * Enumerable.Range(0, 3)
                    .Sum(c => classWeights[c] * (0.25 / 3 + (c == labels[row] ? 0.75 : 0)) * (logSum - x[0][row * 3 + c]));
                weight += rowWeights[row] * classWeights[labels[row]];
            }

            return [[total / weight]];
        }, new Shape(4, 3));
    }

    [TestMethod]
    public void Quantiles() => LossTests.Match("quantile", (tape, x, golden) => DistributionLosses.Quantile(tape, x, golden.Tensor("targets").ToTensor(),
        [.. golden.GetProperty("extra").GetProperty("quantiles").EnumerateArray().Select(q => q.GetSingle())]));

    [TestMethod]
    [DataRow("gaussianNll")]
    [DataRow("studentTNll")]
    [DataRow("negativeBinomialNll")]
    public void Likelihoods(string name)
    {
        var golden = GoldenVectors.Case("losses.json", name);
        var inputs = golden.GetProperty("inputs").EnumerateArray().Select(input => input.ToTensor()).ToArray();
        var rows = inputs[0].Data.Length;

        // The parameters of a row are adjacent.
        using var x = Tape.Watch(Tensor.From(new Shape(rows, inputs.Length),
            [.. Enumerable.Range(0, rows).SelectMany(row => inputs.Select(input => (float)input.Data[row]))]));
        using var tape = new Tape();
        using var targets = Tensor.From(new Shape(rows, 1), golden.Tensor("targets").ToSingles());
        Likelihood likelihood = name switch
        {
            "gaussianNll" => GaussianLikelihood.Instance,
            "studentTNll" => StudentTLikelihood.Instance,
            _ =>
            NegativeBinomialLikelihood.Instance
        };
        var loss = likelihood.Loss(tape, x, targets);
        GoldenVectors.AssertClose([golden.GetProperty("value").GetDouble()], loss.Span, "value");
        tape.Backward(loss);
        for (var k = 0; k < inputs.Length; k++)
            GoldenVectors.AssertClose(golden.GetProperty("grads")[k].ToTensor(),
                Enumerable.Range(0, rows).Select(row => x.Gradient![row * inputs.Length + k]).ToArray(), $"gradient {k}", gradient: true);
    }

    [TestMethod]
    public void Parameters_of_several_targets_stand_in_blocks()
    {
        using var tape = new Tape();
        using var one = Tensor.From(new Shape(1, 4), [1, 2, 0.5f, -1]);
        using var targets = Tensor.From(new Shape(1, 2), [3, 4]);
        using var left = Tensor.From(new Shape(1, 2), [1, 0.5f]);
        using var right = Tensor.From(new Shape(1, 2), [2, -1]);
        var separately = (Loss(left, 3) + Loss(right, 4)) / 2;
        Assert.AreEqual(separately, GaussianLikelihood.Instance.Loss(tape, one, targets)[0], 1e-6f);
        Assert.Throws<ArgumentException>(() => StudentTLikelihood.Instance.Loss(tape, one, targets));

        float Loss(Tensor parameters, float target) => GaussianLikelihood.Instance.Loss(tape, parameters, tape.Keep(Tensor.From(new Shape(1, 1), [target])))[0];
    }

    [TestMethod]
    public void Ctc()
    {
        var golden = GoldenVectors.Case("losses.json", "ctc");
        var extra = golden.GetProperty("extra");
        var (labelLengths, targets) = (extra.MaybeIntegers("targetLengths")!, golden.Tensor("targets"));

        // Rows of labels can be padded or packed.
        var longest = labelLengths.Max();
        var flat = targets.Data.Select(t => (int)t).ToArray();
        if (targets.Shape.Length == 1)
        {
            var (padded, next) = (new int[labelLengths.Length * longest], 0);
            for (var row = 0; row < labelLengths.Length; row++)
                for (var i = 0; i < labelLengths[row]; i++) padded[row * longest + i] = flat[next++];
            flat = padded;
        }

        LossTests.Match("ctc", (tape, x,
            _) => CtcLoss.Apply(tape, x, flat, extra.MaybeIntegers("inputLengths"), labelLengths, extra.GetProperty("blank").GetInt32(), CtcReduction.Sum));
    }

    [TestMethod]
    public void Ctc_is_the_sum_over_all_alignments()
    {
        int[][] labels = [[1, 1], [2], []];
        GradientChecker.Check((tape, x) => [CtcLoss.Apply(tape, x[0], [1, 1, 2, 0, 0, 0], [4, 3, 2], [2, 1, 0])],
            x => [[Enumerable.Range(0, 3).Average(row => -Math.Log(Spelled(x[0], row, 4 - row, labels[row])) / Math.Max(1, labels[row].Length))]],
            new Shape(4, 3, 3));

        // Sum over all 3^frames paths that collapse to the labels.
        static double Spelled(double[] x, int row, int frames, int[] labels)
        {
            double sum = 0;
            for (var code = 0; code < Math.Pow(3, frames); code++)
            {
                var path = Enumerable.Range(0, frames).Select(t => code / (int)Math.Pow(3, t) % 3).ToArray();
                var collapsed = path.Where((symbol, t) => symbol != 0 && (t == 0 || path[t - 1] != symbol)).ToArray();
                if (collapsed.SequenceEqual(labels))
                    sum += path.Select((symbol, t) => Math.Exp(x[(t * 3 + row) * 3 + symbol]) / Enumerable.Range(0, 3)
                        .Sum(c => Math.Exp(x[(t * 3 + row) * 3 + c]))).Aggregate(1.0, (a, b) => a * b);
            }

            return sum;
        }
    }

    [TestMethod]
    public void Ctc_of_too_few_frames_is_infinite_or_left_out()
    {
        using var tape = new Tape();
        using var x = Tape.Watch(Tensor.Zeros(new Shape(2, 1, 3)));
        Assert.IsTrue(float.IsPositiveInfinity(CtcLoss.Apply(tape, x, [1, 1], [], [2])[0]));
        Assert.AreEqual(0, CtcLoss.Apply(tape, x, [1, 1], [], [2], ignoreImpossible: true)[0]);
        Assert.Throws<ArgumentException>(() => CtcLoss.Apply(tape, x, [0], [], [1]));
    }

    [TestMethod]
    public void Crf()
    {
        var golden = GoldenVectors.Case("losses.json", "crfNll");
        var inputs = golden.GetProperty("inputs").EnumerateArray().Select(input => input.ToTensor()).ToArray();
        var (time, count) = (inputs[0].Shape[0], inputs[0].Shape[1]);
        var tensors = inputs.Select((input, i) => Tape.Watch(Tensor.From(i == 0 ? new Shape(time, 1, count) : new Shape(input.Shape), input.ToSingles())))
            .ToArray();
        using var tape = new Tape();
        var loss = CrfLoss.Apply(tape, tensors[0], tensors[1], tensors[2], tensors[3], golden.GetProperty("extra").MaybeIntegers("tags"), []);
        GoldenVectors.AssertClose([golden.GetProperty("value").GetDouble()], loss.Span, "value");
        tape.Backward(loss);
        for (var k = 0; k < 4; k++)
            GoldenVectors.AssertClose(golden.GetProperty("grads")[k].ToTensor(), tensors[k].Gradient!.Span, $"gradient {k}", gradient: true);

        var tags = new int[time];
        CrfDecoder.Decode(tensors[0], 0, Transposed(tensors[1], count), tensors[2].Span, tensors[3].Span, tags);
        CollectionAssert.AreEqual(golden.GetProperty("extra").MaybeIntegers("viterbi"), tags);
    }

    [TestMethod]
    public void Crf_is_the_paths_share_of_all_paths()
    {
        int[] tags = [0, 2, 1, 1, 2, 0, 0, 1], lengths = [4, 2];
        using var weights = Tensor.From(new Shape(2), [1, 3]);
        GradientChecker.Check((tape, x) => [CrfLoss.Apply(tape, x[0], x[1], x[2], x[3], tags, lengths, weights)], x =>
        {
            double total = 0;
            for (var row = 0; row < 2; row++)
            {
                double all = 0;
                for (var code = 0; code < Math.Pow(3, lengths[row]); code++)
                    all += Math.Exp(Score(x, row, [.. Enumerable.Range(0, lengths[row]).Select(t => code / (int)Math.Pow(3, t) % 3)]));
                total += (row == 0 ? 0.25 : 0.75) * (Math.Log(all) - Score(x, row, [.. Enumerable.Range(0, lengths[row]).Select(t => tags[t * 2 + row])]));
            }

            return [[total]];
        }, new(4, 2, 3), new(3, 3), new(3), new(3));
    }

    [TestMethod]
    public void Crf_sums_over_what_a_step_without_a_tag_may_be()
    {
        int[] tags = [0, -1, -1, 1, 2, 0, -1, -1], lengths = [4, 3];
        using var weights = Tensor.From(new Shape(2), [1, 3]);
        GradientChecker.Check((tape, x) => [CrfLoss.Apply(tape, x[0], x[1], x[2], x[3], tags, lengths, weights, perTag: true)], x =>
        {
            double total = 0;
            for (var row = 0; row < 2; row++)
            {
                double all = 0, known = 0;
                for (var code = 0; code < Math.Pow(3, lengths[row]); code++)
                {
                    int[] path = [.. Enumerable.Range(0, lengths[row]).Select(t => code / (int)Math.Pow(3, t) % 3)];
                    var share = Math.Exp(Score(x, row, path));
                    all += share;
                    if (path.Select((tag, t) => tags[t * 2 + row] is var wanted && (wanted < 0 || wanted == tag)).All(fits => fits)) known += share;
                }
                total += (row == 0 ? 1.0 : 3.0) / (2 + 3 * 2) * (Math.Log(all) - Math.Log(known));
            }

            return [[total]];
        }, new(4, 2, 3), new(3, 3), new(3), new(3));
    }

    private static float[] Transposed(Tensor square, int size) =>
        [.. Enumerable.Range(0, size * size).Select(i => square.Span[i % size * size + i / size])];

    private static double Score(double[][] x, int row, int[] path) =>
        x[2][path[0]] + x[3][path[^1]] + path.Select((tag, t) => x[0][(t * 2 + row) * 3 + tag] + (t > 0 ? x[1][path[t - 1] * 3 + tag] : 0)).Sum();

    [TestMethod]
    public void Gamma_functions()
    {
        Assert.AreEqual(Math.Log(24), SpecialFunctions.LogGamma(5), 1e-13);
        Assert.AreEqual(Math.Log(Math.Sqrt(Math.PI)), SpecialFunctions.LogGamma(0.5), 1e-13);
        Assert.AreEqual(359.1342053695754, SpecialFunctions.LogGamma(100), 1e-10);
        Assert.AreEqual(-0.5772156649015329, SpecialFunctions.Digamma(1), 1e-13);
        Assert.AreEqual(-1.9635100260214235, SpecialFunctions.Digamma(0.5), 1e-12);
        foreach (var x in new[] { 0.01, 0.7, 3.3, 42 })
            Assert.AreEqual((SpecialFunctions.LogGamma(x + 1e-5 * x) - SpecialFunctions.LogGamma(x - 1e-5 * x)) / (2e-5 * x), SpecialFunctions.Digamma(x),
                1e-6 * Math.Max(1, 1 / x));
    }
}
