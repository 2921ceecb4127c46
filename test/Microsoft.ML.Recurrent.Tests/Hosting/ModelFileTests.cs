using System.IO.Compression;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

[TestClass]
public sealed class ModelFileTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void A_chain_is_restored_whole()
    {
        var data = HostedModels.Data(_context, 300);
        using var transformer = HostedModels.Regression(_context, seed: 41);
        var chain = new TransformerChain<ITransformer>(_context.Transforms.CopyColumns("Copy", "Number").Fit(data), transformer,
            _context.Transforms.CopyColumns("Answer", "Score").Fit(transformer.Transform(data)));
        var loaded = Load(_context, Save(_context, chain, data.Schema), out var schema);
        Assert.HasCount(data.Schema.Count, schema);

        var restored = ((IEnumerable<ITransformer>)loaded).OfType<RecurrentRegressionTransformer>().Single();
        Assert.AreEqual(transformer.Model.Identity, restored.Model.Identity);
        Assert.AreEqual("Features", restored.FeatureColumnName);
        Assert.AreEqual(transformer.FeatureColumnType, restored.FeatureColumnType);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, HostedModels.Steps, HostedModels.Features), restored.FeatureColumnType);
        Assert.AreEqual(transformer.Model.History.BestEpoch, restored.Model.History.BestEpoch);
        CollectionAssert.AreEqual(HostedModels.Column<float>(chain.Transform(data), "Answer"), HostedModels.Column<float>(loaded.Transform(data), "Answer"));
    }

    [TestMethod]
    public void Every_task_is_restored_as_its_own_type()
    {
        var data = HostedModels.Data(_context, 10);
        RecurrentTransformer[] transformers = [HostedModels.Regression(_context), HostedModels.Binary(_context),
            HostedModels.Multiclass(_context, new(LabelKind.Text, ["a", "b", "c"]))];
        foreach (var transformer in transformers)
        {
            var loaded = Load(_context, Save(_context, transformer, data.Schema), out _);
            Assert.AreEqual(transformer.GetType(), loaded.GetType());
            Assert.AreEqual(transformer.GetOutputSchema(data.Schema).Count, loaded.GetOutputSchema(data.Schema).Count);
        }
    }

    [TestMethod]
    public void The_file_holds_the_plain_Onnx_model()
    {
        using var transformer = HostedModels.Regression(_context, seed: 42);
        using var zip = new ZipArchive(new MemoryStream(Save(_context, transformer, null)));
        var entry = zip.Entries.Single(entry => entry.FullName.EndsWith("model.onnx", StringComparison.Ordinal));
        using var bytes = new MemoryStream();
        using (var stream = entry.Open()) stream.CopyTo(bytes);
        CollectionAssert.AreEqual(transformer.Model.File().Graph.ToArray(), bytes.ToArray());
    }

    [TestMethod]
    public void A_damaged_network_is_refused()
    {
        using var transformer = HostedModels.Regression(_context, seed: 43);
        var file = Save(_context, transformer, null);
        AssertRefused(Edit(file, "model.onnx", bytes => { bytes[bytes.Length / 2] ^= 1; return bytes; }), "corrupt");
        AssertRefused(Edit(file, "model.onnx", bytes => bytes[..(bytes.Length / 2)]), "truncated");
        AssertRefused(Edit(file, "model.onnx", _ => []), "empty");
        AssertRefused(Edit(file, "model.onnx", _ => null), "model.onnx is missing");
    }

    [TestMethod]
    public void A_file_cut_short_is_refused()
    {
        using var transformer = HostedModels.Regression(_context, seed: 44);
        var file = Save(_context, transformer, null);
        foreach (var length in new[] { 0, 10, file.Length / 2, file.Length - 1 })
        {
            var error = Assert.Throws<Exception>(() => Load(_context, file[..length], out _), $"{length} of {file.Length} bytes");
            Assert.IsTrue(error is FormatException or InvalidDataException or InvalidOperationException, error.ToString());
        }
    }

    [TestMethod]
    public void The_data_view_itself_is_restored()
    {
        using var transformer = HostedModels.Regression(_context, seed: 45);
        var data = HostedModels.Data(_context, 20);
        var view = transformer.Transform(data);
        var restored = DataViewFile.Load(_context, DataViewFile.Save(view), data);
        Assert.IsInstanceOfType<ScoredDataView>(restored);
        CollectionAssert.AreEqual(HostedModels.Column<float>(view, "Score"), HostedModels.Column<float>(restored, "Score"));
    }

    private void AssertRefused(byte[] file, string word)
    {
        var error = Assert.Throws<Exception>(() => Load(_context, file, out _));
        while (error is not FormatException && error.InnerException is { } inner) error = inner;
        Assert.IsInstanceOfType<FormatException>(error);
        StringAssert.Contains(error.Message, "The recurrent model in this file cannot be read");
        StringAssert.Contains(error.Message, word);
    }

    private static byte[] Edit(byte[] file, string entry, Func<byte[], byte[]?> edit)
    {
        using var stream = new MemoryStream();
        stream.Write(file);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            var old = zip.Entries.Single(candidate => candidate.FullName.EndsWith(entry, StringComparison.Ordinal));
            using var bytes = new MemoryStream();
            using (var source = old.Open()) source.CopyTo(bytes);
            var name = old.FullName;
            old.Delete();
            if (edit(bytes.ToArray()) is { } edited)
            {
                using var target = zip.CreateEntry(name).Open();
                target.Write(edited);
            }
        }
        return stream.ToArray();
    }

    private static byte[] Save(MLContext context, ITransformer model, DataViewSchema? schema)
    {
        using var stream = new MemoryStream();
        context.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    private static ITransformer Load(MLContext context, byte[] file, out DataViewSchema schema)
    {
        using var stream = new MemoryStream(file);
        return context.Model.Load(stream, out schema);
    }
}
