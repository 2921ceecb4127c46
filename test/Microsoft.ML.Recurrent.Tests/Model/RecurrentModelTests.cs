using Google.Protobuf;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Model;

[TestClass]
public sealed class RecurrentModelTests
{
    private static readonly NetworkDescription Description = TestModels.Describe(
        [
            new RecurrentDescription("lstm", RecurrentCell.Lstm, 4) { Bidirectional = true },
            new RecurrentDescription("gru", RecurrentCell.Gru, 3),
            new RecurrentDescription("rnn", RecurrentCell.SimpleRnn, 3) { Activation = RecurrentActivation.Elu },
            new PoolingDescription("pool", SequencePooling.Last),
            new DenseDescription("dense", 5, DenseActivation.Relu),
        ],
        statics: 2, time: null);

    [TestMethod]
    public void The_network_is_read_back_bit_for_bit()
    {
        using var network = TestModels.Network(Description);
        var model = TestModels.Model(network);
        using var read = RecurrentModel.Load(Bytes(model)).ToNetwork();
        Assert.HasCount(network.Parameters.Count, read.Parameters);
        foreach (var parameter in network.Parameters)
            CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), read[parameter.Name].Value.Span.ToArray(), parameter.Name);
    }

    [TestMethod]
    public void Every_parameter_is_an_initializer_of_its_name()
    {
        using var network = TestModels.Network(Description);
        var initializers = ModelProto.Parser.ParseFrom(Bytes(TestModels.Model(network))).Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        foreach (var parameter in network.Parameters) Assert.Contains(parameter.Name, initializers);
    }

    [TestMethod]
    public void Manifest_description_and_history_survive()
    {
        var model = TestModels.Model(Description);
        var loaded = RecurrentModel.Load(Bytes(model));
        CollectionAssert.AreEqual(model.Manifest.Inputs, loaded.Manifest.Inputs);
        CollectionAssert.AreEqual(model.Manifest.Outputs, loaded.Manifest.Outputs);
        Assert.AreEqual(model.Manifest.Task, loaded.Manifest.Task);
        CollectionAssert.AreEqual(model.Description.Layers, loaded.Description.Layers);
        Assert.AreEqual(model.Description, loaded.Description with { Layers = model.Description.Layers });
        CollectionAssert.AreEqual(model.History.Epochs.Select(epoch => epoch with { SequencesPerSecond = null }).ToArray(), loaded.History.Epochs);
        Assert.AreEqual(TrainingEnd.EarlyStopping, loaded.History.End);
        Assert.AreEqual(model.Identity, loaded.Identity);
        Assert.AreEqual(model.Summary(), loaded.Summary());
    }

    [TestMethod]
    public void Clock_figures_stay_out_of_the_file()
    {
        var model = TestModels.Model(Description);
        Assert.AreEqual(TestModels.History, model.History, "they are known as long as the model is in memory");
        var history = RecurrentModel.Load(Bytes(model)).History;
        Assert.IsNull(history.Elapsed);
        Assert.HasCount(2, history.Epochs);
        Assert.IsTrue(history.Epochs.All(epoch => epoch.SequencesPerSecond is null));
        using var network = TestModels.Network(Description);
        var slower = TestModels.History with
        {
            Elapsed = TimeSpan.FromHours(1),
            Epochs = [.. TestModels.History.Epochs.Select(epoch => epoch with { SequencesPerSecond = 1 })],
        };
        var same = NetworkExporter.ToModel(network, new PlainHead(Description.Outputs), TestModels.Manifest(Description), slower);
        CollectionAssert.AreEqual(Bytes(model), Bytes(same));
    }

    [TestMethod]
    public void An_older_file_with_clock_figures_is_read()
    {
        var proto = TestModels.Model(Description).Proto();
        proto.MetadataProps.Single(entry => entry.Key == "Microsoft.ML.Recurrent.History").Value =
            """
            {"epochs":[{"epoch":1,"loss":0.5,"validationLoss":0.75,"learningRate":0.001,"sequencesPerSecond":1234.5,"validationMetric":0.25}],
             "bestEpoch":1,"end":"Cancelled","elapsed":"00:00:12.5000000"}
            """;
        var history = RecurrentModel.Load(ModelFile.Seal(proto)).History;
        Assert.AreEqual(new EpochResult(1, 0.5, 0.75, 0.001) { ValidationMetric = 0.25 }, history.Epochs.Single());
        Assert.AreEqual((1, TrainingEnd.Cancelled, null), (history.BestEpoch, history.End, history.Elapsed));
    }

    [TestMethod]
    public void Forecasts_and_labels_survive()
    {
        using var network = TestModels.Network(Description);
        var manifest = TestModels.Manifest(Description) with
        {
            Task = ModelTask.Forecasting,
            Forecast = new(96, 24, ["OT", "HUFL"], false, "date", null, "lower", "upper", 0.9f),
            Label = new(LabelKind.Text, ["a", "b\n\"ü\""]),
        };
        var loaded = RecurrentModel.Load(Bytes(TestModels.Model(network, manifest))).Manifest;
        CollectionAssert.AreEqual(manifest.Forecast!.Targets, loaded.Forecast!.Targets);
        Assert.AreEqual(manifest.Forecast, loaded.Forecast with { Targets = manifest.Forecast.Targets });
        CollectionAssert.AreEqual(manifest.Label!.Values, loaded.Label!.Values);
        Assert.AreEqual(ModelTask.Forecasting, loaded.Task);
    }

    [TestMethod]
    public void The_file_names_its_axes_and_producer()
    {
        var model = ModelProto.Parser.ParseFrom(Bytes(TestModels.Model(Description)));
        var shape = model.Graph.Input.Single(input => input.Name == "Rest").Type.TensorType.Shape.Dim;
        Assert.AreEqual("batch", shape[0].DimParam);
        Assert.AreEqual("time", shape[1].DimParam);
        Assert.AreEqual(2, shape[2].DimValue);
        Assert.AreEqual("Microsoft.ML.Recurrent", model.ProducerName);
        Assert.AreEqual(17, model.OpsetImport.Single().Version);
    }

    [TestMethod]
    public void Every_cut_and_every_changed_byte_is_refused()
    {
        var bytes = Bytes(TestModels.Model(Description));
        var random = new Random(3);
        foreach (var length in Enumerable.Range(0, 50).Select(_ => random.Next(bytes.Length)).Append(0).Append(1).Append(bytes.Length - 1))
            Assert.ThrowsExactly<InvalidDataException>(() => RecurrentModel.Load(bytes[..length]), $"cut to {length} bytes");
        foreach (var at in Enumerable.Range(0, 200).Select(_ => random.Next(bytes.Length)))
        {
            byte[] changed = [.. bytes];
            changed[at] ^= (byte)(1 << random.Next(8));
            var error = Assert.ThrowsExactly<InvalidDataException>(() => RecurrentModel.Load(changed), $"changed at {at}");
            StringAssert.Contains(error.Message, "corrupt or truncated");
        }
    }

    [TestMethod]
    public void An_export_that_fails_leaves_the_old_file_alone()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var model = TestModels.Model(Description);
            var path = Path.Combine(folder, "model.onnx");
            File.WriteAllText(path, "what was there");
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.ExportToOnnx(path, new() { Opset = 10 }));
            Assert.AreEqual("what was there", File.ReadAllText(path));
            Assert.ThrowsExactly<IOException>(() => Recurrent.Training.AtomicFile.Write(path, stream =>
            {
                stream.WriteByte(1);
                throw new IOException("no space left");
            }));
            Assert.AreEqual("what was there", File.ReadAllText(path));
            Assert.HasCount(1, Directory.GetFiles(folder));

            model.ExportToOnnx(path);
            CollectionAssert.AreEqual(Bytes(model), File.ReadAllBytes(path));
            Assert.HasCount(1, Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Wrong_arguments_are_named()
    {
        var model = TestModels.Model(Description);
        Assert.ThrowsExactly<ArgumentNullException>(() => model.ExportToOnnx((Stream)null!));
        Assert.ThrowsExactly<ArgumentException>(() => model.ExportToOnnx(" "));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.ExportToOnnx(Stream.Null, new() { Opset = 27 })).Message,
            "from 11 to 26");
        using var network = TestModels.Network(Description);
        var manifest = TestModels.Manifest(Description);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(
            () => TestModels.Model(network, manifest with { Outputs = [new("First", OutputKind.Single, 2)] })).Message, "'First' is used twice");
        Assert.ThrowsExactly<ArgumentException>(() => TestModels.Model(network, manifest with { Inputs = manifest.Inputs.RemoveAt(0) }));
    }

    [TestMethod]
    public void A_model_of_a_later_format_asks_for_an_update()
    {
        using var network = TestModels.Network(Description);
        var bytes = Bytes(TestModels.Model(network, TestModels.Manifest(Description) with { Version = ModelManifest.CurrentVersion + 1 }));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => RecurrentModel.Load(bytes)).Message, "Update the package");
    }

    private static byte[] Bytes(RecurrentModel model) => model.File().Graph.ToArray();
}
