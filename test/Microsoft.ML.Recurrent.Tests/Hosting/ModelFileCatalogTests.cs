using System.IO.Compression;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Forecasting;
using Microsoft.ML.Recurrent.Tests.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>Files of models: saved atomically, and named when they are damaged.</summary>
[TestClass]
public sealed class ModelFileCatalogTests
{
    private readonly MLContext _context = new(1);
    private string _folder = null!;

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("models-").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void A_save_that_fails_leaves_the_file_before()
    {
        var path = Path.Combine(_folder, "model.zip");
        var data = HostedModels.Data(_context, 10);
        using var model = HostedModels.Regression(_context);
        // Of ML.NET's own transformers too.
        var chain = _context.Transforms.CopyColumns("Copy", "Number").Fit(data);
        _context.Model.SaveAtomically(chain, data.Schema, path);
        var before = File.ReadAllBytes(path);
        Assert.Throws<Exception>(() => _context.Model.SaveAtomically(new Failing(model), data.Schema, path));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(_folder));

        _context.Model.SaveAtomically(model, data.Schema, path);
        var loaded = _context.Model.LoadFile(path, out var schema);
        Assert.HasCount(data.Schema.Count, schema!);
        CollectionAssert.AreEqual(HostedModels.Column<float>(model.Transform(data), "Score"), HostedModels.Column<float>(loaded.Transform(data), "Score"));
    }

    [TestMethod]
    public void A_damaged_file_is_named()
    {
        var path = Path.Combine(_folder, "model.zip");
        using var model = HostedModels.Regression(_context);
        _context.Model.SaveAtomically(model, null, path);
        var whole = File.ReadAllBytes(path);
        foreach (var length in new[] { 0, 1, 100, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(path, whole[..length]);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadFile(path, out _)).Message,
                $"The model file '{path}' ({length:N0} bytes) cannot be read: ");
        }
        File.Delete(path);
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => _context.Model.LoadFile(path, out _)).Message, path);
    }

    [TestMethod]
    public void An_engines_state_is_the_one_that_was_written_or_none()
    {
        var path = Path.Combine(_folder, "engine.zip");
        var rows = ForecastingTests.Waves(40);
        var model = _context.Forecasting.ForecastByLstm("Forecast", "Value", 12, 4, "Time", "Series", hiddenSize: 4, maximumNumberOfEpochs: 1)
            .Fit(_context.Data.LoadFromEnumerable(rows));
        using (var engine = model.CreateForecastEngine(_context))
        {
            engine.Observe(_context.Data.LoadFromEnumerable(rows));
            engine.CheckPoint(_context, path);
        }
        var whole = File.ReadAllBytes(path);
        _context.Model.LoadFile(path, out _);
        byte[] state = [];
        Edit(bytes => state = bytes);
        for (var bit = 0; bit < state.Length * 8; bit += 997)
        {
            Edit(bytes =>
            {
                bytes[bit / 8] ^= (byte)(1 << bit % 8);
                return bytes;
            });
            Refused("is not the one that was written");
        }
        Edit(bytes => [.. bytes, 0]);
        Refused("is not the one that was written");
        Edit(_ => null);
        Refused("is missing");

        // A model without a state does not take one up.
        _context.Model.SaveAtomically(model, null, path);
        _context.Model.LoadFile(path, out _);
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            var entry = zip.Entries.Single(entry => entry.FullName.EndsWith("model.onnx", StringComparison.Ordinal)).FullName;
            using var target = zip.CreateEntry(entry.Replace("model.onnx", "series.bin", StringComparison.Ordinal)).Open();
            target.Write(state);
        }
        Refused("is not the one that was written");

        void Refused(string words) =>
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadFile(path, out _)).Message, words);

        void Edit(Func<byte[], byte[]?> edit)
        {
            File.WriteAllBytes(path, whole);
            using var zip = ZipFile.Open(path, ZipArchiveMode.Update);
            var old = zip.Entries.Single(entry => entry.FullName.EndsWith("series.bin", StringComparison.Ordinal));
            using var bytes = new MemoryStream();
            using (var source = old.Open()) source.CopyTo(bytes);
            var name = old.FullName;
            old.Delete();
            if (edit(bytes.ToArray()) is not { } edited) return;
            using var target = zip.CreateEntry(name).Open();
            target.Write(edited);
        }
    }

    /// <summary>A transformer that cannot be saved to its end.</summary>
    private sealed class Failing(ITransformer model) : ITransformer
    {
        public bool IsRowToRowMapper => model.IsRowToRowMapper;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => model.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => model.GetRowToRowMapper(inputSchema);

        public void Save(ModelSaveContext context)
        {
            model.Save(context);
            throw new IOException("No space left on device");
        }

        public IDataView Transform(IDataView input) => model.Transform(input);
    }
}
