using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Import;
using Microsoft.ML.Recurrent.Tasks;
using Microsoft.ML.Recurrent.Text;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Heads that make probabilities of raw logits: within 1e-6 of double for logits up to 10,000, on the tape and in the graph.</summary>
[TestClass]
public sealed class LargeLogitTests
{
    private static readonly float[] s_logits = [87, 88, 89, -3, 10_000, 9_999.5f, 9_998, -10_000, 700, 710, 89, 690];

    [TestMethod]
    public void Of_several_classes() => Check(new MulticlassHead(4), 1, log: false, perStep: false);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Of_a_model_of_another_framework(bool log)
    {
        var activation = log ? OutputActivation.LogSoftmax : OutputActivation.Softmax;
        foreach (var perStep in new[] { false, true }) Check(new ImportedHead(4, activation, perStep), 0, log, perStep);
    }

    [TestMethod]
    public void Of_the_next_token() => Check(new NextTokenHead(4), 0, log: true, perStep: true);

    [TestMethod]
    public void Of_a_language_model()
    {
        // One row of three steps; the token after the last one is asked for.
        using var tape = new Tape { Recording = false };
        using var values = Tensor.From(new(3, 1, 4), s_logits);
        var head = new LanguageModelHead(4, new(null, null, false, false, HasPerplexity: true, HasNextToken: true));
        var answers = head.Predict(tape, new NetworkOutput(values, null, null) { Tokens = [1, 2, 3] });
        var next = Exact(s_logits[8..], log: false)[1..];
        for (var i = 0; i < 3; i++) Assert.AreEqual(next[i], answers[2][i], 1e-6, $"token {i}");
        Assert.AreEqual(Exact(s_logits[..4], log: true)[2], answers[0][1], 1e-5);
    }

    private static void Check(Head head, int output, bool log, bool perStep)
    {
        using var tape = new Tape { Recording = false };
        using var values = perStep ? Tensor.From(new(1, 3, 4), s_logits) : Tensor.From(new(3, 4), s_logits);
        double[] expected = [.. s_logits.Chunk(4).SelectMany(row => Exact(row, log))];
        AssertClose(head.Predict(tape, new NetworkOutput(values, null, null))[output].Span.ToArray(), "tape");

        // The head's nodes alone.
        var graph = new OnnxModelBuilder(17, "head", ["logits", "answer"]);
        object[] shape = perStep ? [1, 3, 4] : [3, 4];
        graph.Input("logits", OnnxType.Single, shape);
        var answers = ((IOnnxHead)head).Export(graph, new("logits", null, null, null, null));
        graph.Output("answer", answers[output], OnnxType.Single, shape);
        using var session = new InferenceSession(Google.Protobuf.MessageExtensions.ToByteArray(graph.Model));
        using var input = OrtValue.CreateTensorValueFromMemory(s_logits, perStep ? [1, 3, 4] : [3, 4]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["logits"], [input], ["answer"]);
        AssertClose(results[0].GetTensorDataAsSpan<float>().ToArray(), "graph");

        void AssertClose(float[] actual, string where)
        {
            for (var i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], actual[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])), $"{head.GetType().Name}, {where}, number {i}");
        }
    }

    private static double[] Exact(float[] logits, bool log)
    {
        double greatest = logits.Max(), sum = logits.Sum(logit => Math.Exp(logit - greatest));
        return [.. logits.Select(logit => log ? logit - greatest - Math.Log(sum) : Math.Exp(logit - greatest) / sum)];
    }
}
