using System.Diagnostics;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>
/// The form of the exported files: what the ONNX standard asks for, checked here and, where Debian's python3-onnx is installed, by ONNX's own checker.
/// </summary>
[TestClass]
public sealed class GraphFormTests
{
    private const string Python = "/usr/bin/python3";

    // python3-onnx of Debian 12 and 13 knows opsets up to 17 at least; later ones it refuses for that reason alone.
    private const string Checker = """
        import sys, onnx
        checked = 0
        for path in sys.argv[1:]:
            model = onnx.load(path)
            if model.opset_import[0].version > onnx.defs.onnx_opset_version(): continue
            # A model with weights in another file is checked by its path, as ONNX asks.
            try: onnx.checker.check_model(path if path.endswith("_apart.onnx") else model, full_check=True)
            except Exception as error: print(path, type(error).__name__, str(error)[:500])
            else: checked += 1
        print("checked", checked, "up to opset", onnx.defs.onnx_opset_version())
        """;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Every_export_has_the_form_that_the_standard_asks_for()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            List<string> paths = [];
            foreach (var (name, description) in Descriptions())
            {
                var model = description.Decoder is { Vocabulary: > 0 } ? TokenDecoderModels.Model(description) : TestModels.Model(description);
                for (var opset = 11; opset <= OnnxExportOptions.MaximumOpset; opset++)
                {
                    var path = Path.Combine(folder, $"{name}_{opset}.onnx");
                    model.ExportToOnnx(path, new() { Opset = opset });
                    CheckForm(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)), opset);
                    paths.Add(path);
                    foreach (var precision in Enum.GetValues<OnnxPrecision>().Skip(1).Where(_ => opset is 11 or 13 or 17 or 22 or 26))
                    {
                        path = Path.Combine(folder, $"{name}_{opset}_{precision}.onnx");
                        model.ExportToOnnx(path, new() { Opset = opset, Precision = precision, MeasureError = false });
                        CheckForm(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)), opset);
                        paths.Add(path);
                    }
                    if (opset == 17)
                    {
                        path = Path.Combine(folder, $"{name}_apart.onnx");
                        model.ExportToOnnx(path, new() { ExternalDataThreshold = 0 });
                        paths.Add(path);
                    }
                    if (description.Decoder is { Vocabulary: > 0 })
                    {
                        foreach (var precision in new[] { OnnxPrecision.Single, OnnxPrecision.Half, OnnxPrecision.HalfWeights, OnnxPrecision.Int8Weights })
                        {
                            var graphs = TokenDecoderGraphs.Create(model, opset, precision);
                            foreach (var (part, graph) in new[] { ("encoder", graphs.Encoder), ("step", graphs.Step) })
                            {
                                CheckForm(graph, opset);
                                paths.Add(path = Path.Combine(folder, $"{name}_{opset}_{precision}_{part}.onnx"));
                                File.WriteAllBytes(path, graph.ToByteArray());
                            }
                        }
                    }
                    if (!TryExportSteps(model, opset, path = Path.Combine(folder, $"{name}_{opset}_steps.onnx"))) continue;
                    CheckForm(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)), opset);
                    paths.Add(path);
                }
            }
            if (!HasChecker())
            {
                TestContext.WriteLine("ONNX's own checker (Debian's python3-onnx) is not installed: the form was checked by this test alone.");
                return;
            }
            var (code, output) = Run(["-c", Checker, .. paths]);
            Assert.AreEqual(0, code, output);
            StringAssert.StartsWith(output, "checked ");
            TestContext.WriteLine($"ONNX's own checker: {output}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool TryExportSteps(RecurrentModel model, int opset, string path)
    {
        try
        {
            model.ExportToOnnx(path, new() { Opset = opset, Form = OnnxExportForm.SingleStep });
            return true;
        }
        catch (NotSupportedException)
        {
            return false; // It has to see the whole sequence.
        }
    }

    private static IEnumerable<(string, NetworkDescription)> Descriptions()
    {
        foreach (var cell in Enum.GetValues<RecurrentCell>())
            foreach (var varying in new[] { false, true })
                foreach (var pooling in Enum.GetValues<SequencePooling>())
                {
                    RecurrentDescription[] layers = [new("first", cell, 4) { Bidirectional = true },
                        new("second", cell, 3) { Activation = cell is RecurrentCell.SimpleRnn ? RecurrentActivation.Elu : default }];
                    yield return ($"{cell}_{pooling}_{varying}", TestModels.Describe([.. layers, new PoolingDescription("pool", pooling)],
                        time: varying ? null : 7,
                        statics: 2, normalization: WindowNormalization.Standard));
                }
        yield return ("tokens", TestModels.Describe([new EmbeddingDescription("embedding", 4), new RecurrentDescription("gru", RecurrentCell.Gru, 3),
            new DenseDescription("dense", 3, DenseActivation.Tanh), new PoolingDescription("pool", SequencePooling.Last)], vocabulary: 9, time: null));
        foreach (var name in new[] { "Lstm 1 none", "Lstm 1 General fed", "Gru 2 Additive tied", "one length", "cells that no node is", "shortened", "limits" })
            yield return (name.Replace(' ', '_'), TokenDecoderModels.Networks[name]);
        foreach (var (name, layers) in LayerExportTests.Networks)
            yield return (name.Replace(' ', '_'), TestModels.Describe(layers, time: null));
        yield return ("each_step", TestModels.Describe([new EmbeddingDescription("embedding", 4), new RecurrentDescription("gru", RecurrentCell.Gru, 3)],
            vocabulary: 9, time: null) with
        { PerStep = true });
        yield return ("large", TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 32) { Bidirectional = true },
            new RecurrentDescription("gru", RecurrentCell.Gru, 32),
            new DenseDescription("steps", 128, DenseActivation.Relu), new PoolingDescription("pool", SequencePooling.Last),
            new DenseDescription("dense", 64, DenseActivation.Tanh)], time: null));
        yield return ("last_value", TestModels.Describe([new RecurrentDescription("gru", RecurrentCell.Gru, 3) { ResetAfter = false },
            new PoolingDescription("pool", SequencePooling.Last)],
            time: null, normalization: WindowNormalization.LastValue));
        foreach (var varying in new[] { false, true })
            yield return ($"loops_{varying}", TestModels.Describe(
                [
                    new RecurrentDescription("normalised", RecurrentCell.Lstm, 4) { LayerNormalization = true, Bidirectional = true, ZoneoutCell = 0.1f,
                        Projection = 3 },
                    new LayerNormDescription("norm"),
                    .. Enum.GetValues<RecurrentCell>().Select(
                        cell => new RecurrentDescription($"zone_{cell}", cell, 3) { ZoneoutHidden = 0.2f, ResetAfter = varying, Bidirectional = varying }),
                    new PoolingDescription("pool", SequencePooling.Last),
                ],
                time: varying ? null : 7));
    }

    private static void CheckForm(ModelProto model, int opset)
    {
        Assert.AreEqual(opset, model.OpsetImport.Single(set => set.Domain.Length == 0).Version);
        CollectionAssert.AllItemsAreUnique(model.MetadataProps.Select(entry => entry.Key).ToArray());
        HashSet<string> known = [.. model.Graph.Input.Select(input => input.Name), .. model.Graph.Initializer.Select(tensor => tensor.Name)];
        Assert.HasCount(model.Graph.Input.Count + model.Graph.Initializer.Count, known, "names of inputs and initializers are unique");
        HashSet<string> used = [];
        CheckNodes(model.Graph, known, used);
        foreach (var output in model.Graph.Output) Assert.Contains(output.Name, known);
        foreach (var tensor in model.Graph.Initializer) Assert.Contains(tensor.Name, used, "no initializer is left over");
        foreach (var input in model.Graph.Input) Assert.Contains(input.Name, used, "no input is left over");
    }

    private static void CheckNodes(GraphProto graph, HashSet<string> known, HashSet<string> used)
    {
        CollectionAssert.AllItemsAreUnique(graph.Node.Select(node => node.Name).ToArray());
        foreach (var node in graph.Node)
        {
            foreach (var input in node.Input.Where(input => input.Length > 0))
            {
                Assert.Contains(input, known, $"{node.Name} uses '{input}' before it is there");
                used.Add(input);
            }
            foreach (var output in node.Output) Assert.IsTrue(known.Add(output), $"'{output}' is written twice");
            // What stays on the GPU, and what ONNX Runtime's CPU kernels take.
            if (node.OpType is "LSTM" or "GRU" or "RNN")
            {
                Assert.IsFalse(node.Attribute.Any(attribute => attribute.Name is "clip" or "layout" or "input_forget"),
                    $"{node.Name} has an attribute that no kernel takes");
                NumberAssert.IsGreaterThanOrEqualTo(4, node.Input.Count, "the bias is always there");
            }
            // The body of a loop sees all that was there before it, and keeps nothing of its own.
            if (node.Attribute.FirstOrDefault(attribute => attribute.G is not null)?.G is { } body)
            {
                Assert.IsEmpty(body.Initializer);
                HashSet<string> inside = [.. known];
                foreach (var input in body.Input) Assert.IsTrue(inside.Add(input.Name), $"'{input.Name}' hides a tensor around the loop");
                CheckNodes(body, inside, used);
                foreach (var output in body.Output) Assert.Contains(output.Name, inside);
            }
        }
    }

    private static bool HasChecker()
    {
        if (!File.Exists(Python)) return false;
        return Run(["-c", "import onnx.checker"]).Code == 0;
    }

    private static (int Code, string Output) Run(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath()
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
