using System.Globalization;
using Microsoft.ML.Recurrent.Foreign;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Which outputs of a graph are the next states of which inputs.</summary>
[TestClass]
public sealed class StatePairsTests
{
    private static readonly Dictionary<string, string> None = [];

    [TestMethod]
    [DataRow("h", "hn")]
    [DataRow("c", "cn")]
    [DataRow("h0", "hn")]
    [DataRow("h_0", "h_n")]
    [DataRow("state", "stateN")]
    [DataRow("state_in", "state_out")]
    [DataRow("state_in_0", "state_out_0")]
    [DataRow("hidden_in", "hidden_out")]
    [DataRow("hidden", "new_hidden")]
    [DataRow("conv_cache", "conv_cache_out")]
    [DataRow("lstm_1.h", "lstm_1.h.next")]
    [DataRow("prev_state", "next_state")]
    [DataRow("h_prev", "h_next")]
    [DataRow("past_key", "present_key")]
    [DataRow("initial_h", "h_out")]
    [DataRow("stateIn", "stateOut")]
    [DataRow("Encoder/hin", "Encoder/hout")]
    [DataRow("h", "h_1")]
    public void Names_of_states_match(string input, string output) => Assert.IsTrue(StateNames.Match(input, output)?.IsState, $"{input} and {output}");

    [TestMethod]
    [DataRow("input", "output")]
    [DataRow("input_1", "output_1")]
    [DataRow("in", "out")]
    [DataRow("h", "cn")]
    [DataRow("x", "y")]
    [DataRow("state_in_0", "states")]
    [DataRow("sr", "output")]
    public void Other_names_do_not_match(string input, string output) => Assert.IsNull(StateNames.Match(input, output));

    [TestMethod]
    public void Numbered_states_match_by_number()
    {
        var graph = Graph(["x 0 1 9", "state_in_0 0 4", "state_in_1 0 4"], ["y 0 1 2", "state_out_0 0 4", "state_out_1 0 4"]);
        Assert.AreEqual("state_in_0>state_out_0 state_in_1>state_out_1", Find(graph));
    }

    [TestMethod]
    public void The_order_of_outputs_does_not_matter_where_names_say_it()
    {
        var graph = Graph(["c 2 0 8", "sr", "x 0 512", "h 2 0 8"], ["hn 2 0 8", "y 0 1", "cn 0 0 0"]);
        Assert.AreEqual("c>cn h>hn", Find(graph));
    }

    [TestMethod]
    public void Names_without_a_word_for_a_state_count_where_data_and_answer_are_left()
    {
        Assert.AreEqual("foo>foo_out", Find(Graph(["x 0 3", "foo 0 8"], ["y 0 2", "foo_out 0 8"])));
        // Here they are the data.
        Assert.AreEqual("state_in>state_out", Find(Graph(["audio_in 0 480", "state_in 0 8"], ["audio_out 0 480", "state_out 0 8"])));
    }

    [TestMethod]
    public void Without_names_shape_and_order_count()
    {
        Assert.AreEqual("onnx::LSTM_1>121 onnx::LSTM_2>135",
            Find(Graph(["onnx::Gather_0 0 0 5", "onnx::LSTM_1 1 0 8", "onnx::LSTM_2 1 0 8"], ["118 0 3", "121 1 0 8", "135 1 0 8"])));
    }

    [TestMethod]
    public void The_states_of_a_cell_may_be_all_outputs() => Assert.AreEqual("h>hn c>cn", Find(Graph(["x 0 5", "h 0 8", "c 0 8"], ["hn 0 8", "cn 0 8"])));

    [TestMethod]
    public void A_graph_without_states_has_none()
    {
        Assert.AreEqual("", Find(Graph(["x 0 0 5"], ["y 0 3"])));
        Assert.AreEqual("", Find(Graph(["x 0 5"], ["y 0 5"])));
        Assert.AreEqual("", Find(Graph(["x 0 0 5", "lengths 0"], ["y 0 3"])));
    }

    [TestMethod]
    public void An_output_that_does_not_depend_on_the_input_is_not_its_next_state()
    {
        var graph = Graph(["x 0 5", "h 0 8", "mask 0 8"], ["y 0 3", "q 0 8"]);
        Assert.Throws<ArgumentException>(() => Find(graph));
        graph.Node.Clear();
        graph.Node.Add(new NodeProto { Input = { "x", "h" }, Output = { "q" } });
        // A value that the inner graph of a node reads.
        var inner = new GraphProto
        {
            Node = { new NodeProto { Input = { "mask" }, Output = { "inner" } } },
            Output = { new ValueInfoProto { Name = "inner" } }
        };
        graph.Node.Add(new NodeProto
        {
            OpType = "If", Input = { "x" }, Output = { "y" },
            Attribute = { new AttributeProto { Name = "then_branch", G = inner } }
        });
        Assert.AreEqual("h>q", Find(graph));
    }

    [TestMethod]
    public void Two_readings_are_both_shown()
    {
        // One state of two possible outputs.
        var error = Assert.ThrowsExactly<ArgumentException>(() => Find(Graph(["x 0 5", "s1 0 8"], ["y 0 3", "a 0 8", "b 0 8"])));
        Says(error, "'s1' from 'a'", "'s1' from 'b'", "States = { [\"s1\"] = \"a\" }");
        // Data of the shape of the state.
        error = Assert.ThrowsExactly<ArgumentException>(() => Find(Graph(["x 0 8", "q 0 8"], ["y 0 8", "z 0 8"])));
        Says(error, "'q' from 'z'", "'x' from 'y'");
        // Two names of one.
        error = Assert.ThrowsExactly<ArgumentException>(() => Find(Graph(["x 0 5", "h 0 8"], ["y 0 3", "hn 0 8", "h_out 0 8"])));
        Says(error, "'h' from 'hn'", "'h' from 'h_out'");
        // A pair that may be data or state beside a sure one.
        error = Assert.ThrowsExactly<ArgumentException>(() => Find(Graph(["x 0 5", "h 0 8", "foo 0 4"], ["y 0 3", "hn 0 8", "foo_out 0 4"])));
        Says(error, "'h' from 'hn', 'foo' from 'foo_out'; or 'h' from 'hn'.");
    }

    [TestMethod]
    public void The_given_pairs_are_taken()
    {
        var graph = Graph(["x 0 5", "s1 0 8"], ["y 0 3", "a 0 8", "b 0 8"]);
        Assert.AreEqual("s1>b", Find(graph, new() { ["s1"] = "b" }));
        Says(Assert.ThrowsExactly<ArgumentException>(() => Find(graph, new() { ["s2"] = "b" })), "no input 's2'", "'x', 's1'");
        Says(Assert.ThrowsExactly<ArgumentException>(() => Find(graph, new() { ["s1"] = "c" })), "no output 'c'", "'y', 'a', 'b'");
        Says(Assert.ThrowsExactly<ArgumentException>(() => Find(graph, new() { ["s1"] = "b", ["x"] = "b" })), "next state of two inputs");
    }

    private static void Says(ArgumentException error, params string[] parts)
    {
        foreach (var part in parts) StringAssert.Contains(error.Message, part);
        Assert.AreEqual("States", error.ParamName);
    }

    private static string Find(GraphProto graph, Dictionary<string, string>? given = null) => string.Join(' ',
        StatePairs.Find("some.onnx", graph, [.. graph.Input], given ?? None).Select(pair => $"{pair.Input.Name}>{pair.Output.Name}"));

    // Values as name and sizes, 0 for those that are free. All outputs depend on all inputs.
    private static GraphProto Graph(string[] inputs, string[] outputs)
    {
        var graph = new GraphProto { Input = { inputs.Select(Value) }, Output = { outputs.Select(Value) } };
        graph.Node.Add(new NodeProto
        {
            OpType = "Any", Input = { graph.Input.Select(value => value.Name) },
            Output = { graph.Output.Select(value => value.Name) }
        });
        return graph;
    }

    private static ValueInfoProto Value(string text)
    {
        var parts = text.Split(' ');
        var shape = new TensorShapeProto();
        foreach (var size in parts[1..]) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = long.Parse(size, CultureInfo.InvariantCulture) });
        return new() { Name = parts[0], Type = new() { TensorType = new() { ElemType = 1, Shape = shape } } };
    }
}
