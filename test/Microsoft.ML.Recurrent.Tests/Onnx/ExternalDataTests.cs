using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>
/// Weights in a second file: on export from a threshold on, and wherever a model is more than one file or array holds (here by a lower limit).
/// </summary>
[TestClass]
public sealed class ExternalDataTests
{
    private static readonly NetworkDescription Description = TestModels.Describe(
        [new RecurrentDescription("lstm", RecurrentCell.Lstm, 24) { Bidirectional = true }, new RecurrentDescription("gru", RecurrentCell.Gru, 20),
            new PoolingDescription("pool", SequencePooling.Last)], time: null);

    private readonly MLContext _context = new(1);
    private string _folder = null!;

    public TestContext TestContext { get; set; } = null!;

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("external-").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Weights_lie_beside_the_model_and_every_reader_finds_them()
    {
        using var network = TestModels.Network(Description);
        var model = TestModels.Model(network);
        var rows = TestRows.Random(Description, 9);
        var expected = TestModels.Forward(network, rows)[0];
        foreach (var (opset, precision) in new[] { (17, OnnxPrecision.Single), (11, OnnxPrecision.Single), (22, OnnxPrecision.HalfWeights),
            (17, OnnxPrecision.Int8) })
        {
            var path = Path.Combine(_folder, $"model_{opset}_{precision}.onnx");
            var report = model.ExportToOnnx(path, new() { Opset = opset, Precision = precision, ExternalDataThreshold = 0 });
            Assert.AreEqual(new FileInfo(path).Length + new FileInfo(WeightsOf(path)).Length, report.FileSize);
            var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph;
            var apart = graph.Initializer.Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External).ToArray();
            NumberAssert.IsGreaterThan(2, apart.Length);
            foreach (var tensor in apart)
            {
                Assert.IsEmpty(tensor.RawData);
                Assert.AreEqual(Path.GetFileName(WeightsOf(path)), tensor.ExternalData.Single(entry => entry.Key == "location").Value);
                Assert.AreEqual(0, ModelBytes.Entry(tensor, "offset") % 4096);
            }
            // Shapes and small constants stay.
            Assert.IsTrue(graph.Initializer.Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Int64).All(tensor => !tensor.RawData.IsEmpty));

            var tolerance = precision is OnnxPrecision.Single ? 1e-5f : precision is OnnxPrecision.HalfWeights ? 5e-3f : 0.2f;
            using (var session = new InferenceSession(path))
                TestModels.AssertClose(expected, TestModels.RunBare(session, model.Manifest, rows)[0], path, tolerance);
            if (precision is OnnxPrecision.Int8) continue;
            var read = _context.Model.LoadRecurrentOnnx(path);
            using var again = read.ToNetwork();
            TestModels.AssertClose(expected, TestModels.Forward(again, rows)[0], path, tolerance);
        }

        // And the pipeline's transform of foreign files.
        var description = TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 24), new PoolingDescription("pool", SequencePooling.Last)],
            features: 1, time: HostedModels.Steps * HostedModels.Features, outputs: 1);
        var small = TestModels.Model(description);
        var file = Path.Combine(_folder, "small.onnx");
        small.ExportToOnnx(file, new() { ExternalDataThreshold = 1024 });
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 5)
            .Select(i => new Row { Features = [.. Enumerable.Range(0, description.Time!.Value).Select(at => MathF.Sin(at + i))] }));
        using var foreign = _context.Transforms.ApplyRecurrentOnnx(["Score"], ["Features"], file).Fit(data);
        using var own = new RecurrentRegressionTransformer(_context, small);
        TestModels.AssertClose(HostedModels.Column<float>(own.Transform(data), "Score"),
            HostedModels.Column<float>(foreign.Transform(data), "Score"), "foreign");
    }

    [TestMethod]
    public void Below_the_threshold_there_is_one_file()
    {
        var path = Path.Combine(_folder, "model.onnx");
        var model = TestModels.Model(Description);
        var report = model.ExportToOnnx(path, new() { ExternalDataThreshold = 10_000_000 });
        Assert.AreEqual(new FileInfo(path).Length, report.FileSize);
        Assert.HasCount(1, Directory.GetFiles(_folder));
        foreach (var threshold in new[] { -1, ModelBytes.Limit + 1 })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => model.ExportToOnnx(path, new() { ExternalDataThreshold = threshold })).Message, "ExternalDataThreshold must be from 0");
    }

    [TestMethod]
    public void A_stream_has_no_second_file()
    {
        using var stream = new MemoryStream();
        var error = Assert.ThrowsExactly<NotSupportedException>(() => TestModels.Model(Description).ExportToOnnx(stream, new() { ExternalDataThreshold = 0 }));
        StringAssert.Contains(error.Message, "Export to a path");
        Assert.AreEqual(0, stream.Length);
    }

    [TestMethod]
    public void A_version_comes_into_force_with_its_graph_alone()
    {
        var path = Path.Combine(_folder, "model.onnx");
        OnnxExportOptions apart = new() { ExternalDataThreshold = 0 };
        var (old, current) = (TestModels.Model(Description, seed: 1), TestModels.Model(Description, seed: 2));
        old.ExportToOnnx(path, apart);
        var oldWeights = WeightsOf(path);
        var identity = _context.Model.LoadRecurrentOnnx(path).Identity;

        // The graph cannot take its place: a folder stands there, to which the process may not rename. The old version stays whole and alone.
        var graph = File.ReadAllBytes(path);
        File.Delete(path);
        Directory.CreateDirectory(Path.Combine(path, "inside"));
        Assert.Throws<Exception>(() => current.ExportToOnnx(path, apart));
        Assert.IsTrue(File.Exists(oldWeights));
        Directory.Delete(path, recursive: true);
        File.WriteAllBytes(path, graph);
        Assert.HasCount(2, Directory.GetFiles(_folder), string.Join(", ", Directory.GetFiles(_folder)));

        // Killed between the two renames, with a temporary file left: new weights lie there, and the old version is read.
        var killed = Path.Combine(_folder, "elsewhere.onnx");
        current.ExportToOnnx(killed, apart);
        var left = Path.Combine(_folder, "model.onnx.0123456789abcdef.data");
        File.Move(WeightsOf(killed), left);
        File.Delete(killed);
        var temporary = Path.Combine(_folder, "model.onnx.abcdefgh.ijk.tmp");
        File.WriteAllText(temporary, "half");
        Assert.AreEqual(identity, _context.Model.LoadRecurrentOnnx(path).Identity);

        // The next writer removes both, but not what another one has open, nor files that are no leftovers.
        var (used, own) = (Path.Combine(_folder, "model.onnx.12345678.abc.tmp"), Path.Combine(_folder, "model.onnx.mine.tmp"));
        File.WriteAllText(own, "mine");
        using (new FileStream(used, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete)) current.ExportToOnnx(path, apart);
        CollectionAssert.AreEquivalent(new[] { path, WeightsOf(path), used, own }, Directory.GetFiles(_folder));
        Assert.AreNotEqual(identity, _context.Model.LoadRecurrentOnnx(path).Identity);
        using (var session = new InferenceSession(path)) Assert.IsNotEmpty(session.OutputNames);

        // One file alone takes the place of two; so it does of two with the names of builds before.
        current.ExportToOnnx(path);
        CollectionAssert.AreEquivalent(new[] { path, own }, Directory.GetFiles(_folder));
        current.ExportToOnnx(path, apart);
        var earlier = path + ".data";
        File.Move(WeightsOf(path), earlier);
        Point(path, Path.GetFileName(earlier));
        current.ExportToOnnx(path);
        CollectionAssert.AreEquivalent(new[] { path, own }, Directory.GetFiles(_folder));

        // A file of that name which the graph does not name is not ours.
        File.WriteAllText(earlier, "mine");
        current.ExportToOnnx(path);
        Assert.IsTrue(File.Exists(earlier));
    }

    private static string WeightsOf(string path)
    {
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph;
        return Path.Combine(Path.GetDirectoryName(path)!, graph.Initializer.First(tensor => tensor.ExternalData.Count > 0).ExternalData
            .Single(entry => entry.Key == "location").Value);
    }

    private static void Point(string path, string location)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        foreach (var tensor in model.Graph.Initializer)
            foreach (var entry in tensor.ExternalData.Where(entry => entry.Key == "location")) entry.Value = location;
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
    }

    [TestMethod]
    public void Weights_that_are_missing_cut_or_of_another_model_are_refused()
    {
        var path = Path.Combine(_folder, "model.onnx");
        TestModels.Model(Description, seed: 1).ExportToOnnx(path, new() { ExternalDataThreshold = 0 });
        var weights = WeightsOf(path);
        var whole = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, whole[..^10]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadRecurrentOnnx(path)).Message, "truncated");
        byte[] changed = [.. whole];
        changed[50] ^= 1;
        File.WriteAllBytes(weights, changed);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadRecurrentOnnx(path)).Message, "belongs to another model");
        File.Delete(weights);
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => _context.Model.LoadRecurrentOnnx(path)).Message, Path.GetFileName(weights));

        // A model must not reach out of its folder.
        File.WriteAllBytes(weights, whole);
        foreach (var location in new[] { "../model.onnx.data", Path.Combine(_folder, "..", "weights"), "inner/../../weights" })
        {
            var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
            graph.MetadataProps.Clear();
            foreach (var tensor in graph.Graph.Initializer)
                foreach (var entry in tensor.ExternalData.Where(entry => entry.Key == "location")) entry.Value = location;
            var other = Path.Combine(_folder, "other.onnx");
            File.WriteAllBytes(other, Google.Protobuf.MessageExtensions.ToByteArray(graph));
            foreach (var load in new Action[] { () => _context.Model.LoadRecurrentOnnx(other),
                () => _context.Transforms.ApplyRecurrentOnnx(["Score"], ["Features"], other).Fit(_context.Data.LoadFromEnumerable(new[] { new Row() })) })
                StringAssert.Contains(Assert.Throws<InvalidDataException>(load).Message, "outside its own folder", location);
        }
    }

    [TestMethod]
    public void A_model_beyond_the_limit_does_what_others_do()
    {
        var description = TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 24), new PoolingDescription("pool", SequencePooling.Last)],
            features: 1, time: HostedModels.Steps * HostedModels.Features, outputs: 1);
        using var network = TestModels.Network(description);
        var model = NetworkExporter.ToModel(network, new PlainHead(1), TestModels.Manifest(description), TestModels.History, limit: 4096);
        Assert.IsTrue(model.File().HasWeightsApart);
        NumberAssert.IsLessThan(12_000, model.File().Graph.Length);
        var plain = TestModels.Model(network);
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 5)
            .Select(i => new Row { Features = [.. Enumerable.Range(0, description.Time!.Value).Select(at => MathF.Sin(at + i))] }));
        using var transformer = new RecurrentRegressionTransformer(_context, model);
        using var reference = new RecurrentRegressionTransformer(_context, plain);
        var expected = HostedModels.Column<float>(reference.Transform(data), "Score");

        // Scored, saved, loaded, scored.
        CollectionAssert.AreEqual(expected, HostedModels.Column<float>(transformer.Transform(data), "Score"));
        var zip = Path.Combine(_folder, "model.zip");
        _context.Model.Save(transformer, data.Schema, zip);
        var loaded = _context.Model.Load(zip, out _);
        CollectionAssert.AreEqual(expected, HostedModels.Column<float>(loaded.Transform(data), "Score"));
        Assert.AreEqual(model.Identity, ((RecurrentRegressionTransformer)loaded).Model.Identity);

        // Step by step, exported, summarised, read back.
        using var network2 = model.ToNetwork();
        foreach (var parameter in network.Parameters)
            CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), network2[parameter.Name].Value.Span.ToArray(), parameter.Name);
        Assert.AreEqual(plain.Summary(), model.Summary());
        using (var stream = new SequenceStream<int>(model))
        using (var other = new SequenceStream<int>(plain))
        {
            float[] mine = new float[1], theirs = new float[1];
            stream.Step([1], [0.5f], mine);
            other.Step([1], [0.5f], theirs);
            CollectionAssert.AreEqual(theirs, mine);
        }
        var path = Path.Combine(_folder, "whole.onnx");
        model.ExportToOnnx(path, new() { ExternalDataThreshold = 10_000_000 });
        Assert.IsEmpty(Directory.GetFiles(_folder, "whole.onnx.*.data"));
        Assert.AreEqual(expected.Length,
            HostedModels.Column<float>(new RecurrentRegressionTransformer(_context, _context.Model.LoadRecurrentOnnx(path)).Transform(data), "Score").Length);
        Assert.IsFalse(Directory.EnumerateDirectories(Path.GetTempPath(), "recurrent-model-*")
            .Any(folder => Directory.GetCreationTimeUtc(folder) < DateTime.UtcNow.AddMinutes(-5)), "no temporary file stays");

        // ML.NET's own export has one file only.
        using var nowhere = new MemoryStream();
        StringAssert.Contains(Assert.Throws<NotSupportedException>(() => _context.Model.ConvertToOnnx(transformer, data, nowhere)).Message, "2 GiB");
    }

    private sealed class Row
    {
        [Microsoft.ML.Data.VectorType(HostedModels.Steps * HostedModels.Features)]
        public float[] Features { get; set; } = new float[HostedModels.Steps * HostedModels.Features];
    }
}
