using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Weights;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>Pickles: what is read, and what is refused before anything is built.</summary>
[TestClass]
public sealed class StateDictTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("os", "system")]
    [DataRow("builtins", "eval")]
    [DataRow("torch", "load")]
    [DataRow("torch._utils", "_rebuild_qtensor")]
    [DataRow("collections", "defaultdict")]
    [DataRow("__main__", "Model")]
    public void Other_names_are_refused(string module, string name)
    {
        // After a state dict that is in order, and never called: mentioned is enough.
        var pickle = new PickleWriter().Protocol().Dictionary(entries => entries.Text("weight").Tensor("0", 2, 0, [2], [1]).Text("x").Global(module, name))
            .Stop();
        Refused(pickle, $"'{module}.{name}'");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Names_of_newer_protocols_are_refused(bool fromMemo)
    {
        var pickle = new PickleWriter().Protocol(4);
        if (fromMemo)
            // os and system come from the memo, after other texts.
            pickle.Text("os").Raw(0x94).Text("system").Raw(0x94).Text("a").Text("b").Raw((byte)'h', 0).Raw((byte)'h', 1);
        else pickle.Text("os").Text("system");
        Refused(pickle.Raw(0x93).Text("echo").Raw(0x85, (byte)'R').Stop(), "'os.system'");
    }

    [TestMethod]
    [DataRow((byte)'i', "0x69")] // an instance
    [DataRow((byte)'o', "0x6f")] // an object
    [DataRow((byte)0x81, "0x81")] // a new object
    [DataRow((byte)0x82, "0x82")] // an extension
    [DataRow((byte)'P', "0x50")] // an id as text
    public void Other_operations_are_refused(byte operation, string name) =>
        Refused(new PickleWriter().Protocol().Raw((byte)'}').Raw(operation, 0, 0, 0, 0).Stop(), name);

    [TestMethod]
    public void Nothing_but_names_that_are_known_is_called()
    {
        Refused(new PickleWriter().Protocol().Text("os.system").Raw((byte)')', (byte)'R').Stop(), "corrupt");
        Refused(new PickleWriter().Protocol().Global("torch", "FloatStorage").Raw((byte)')', (byte)'R').Stop(), "corrupt");
    }

    [TestMethod]
    [DataRow(8, 0, 3, 3, 3, 1)] // 9 numbers of 8
    [DataRow(8, 5, 2, 2, 2, 1)] // an offset
    [DataRow(8, -1, 2, 2, 2, 1)]
    [DataRow(8, 0, 2, 2, 100, 1)] // a stride
    [DataRow(8, 0, 2, 2, -2, 1)]
    [DataRow(8, 0, -2, -2, 2, 1)]
    [DataRow(8, 0, 2000000000, 2000000000, 0, 0)] // 4e18 numbers of one
    [DataRow(8, 0, 2000000000, 2000000000, 2000000000, 2000000000)]
    public void Tensors_lie_in_their_storage(int stored, int offset, int rows, int columns, int rowStride, int columnStride)
    {
        var pickle = new PickleWriter().Protocol()
            .Dictionary(entries => entries.Text("weight").Tensor("0", stored, offset, [rows, columns], [rowStride, columnStride])).Stop();
        Refused(pickle, "'weight'", ("0", new byte[4 * stored]));
    }

    [TestMethod]
    public void A_view_of_a_storage_is_read_by_its_strides()
    {
        // [2, 3] of the transposed lower half of [4, 3].
        var numbers = Enumerable.Range(0, 12).Select(i => (float)i).ToArray();
        var path = PickleWriter.Archive(_folder, new PickleWriter().Protocol()
            .Dictionary(entries => entries.Text("x.weight").Tensor("0", 12, 6, [3, 2], [1, 3])).Stop(),
                ("0", MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray()));
        using var file = WeightsReader.Open(path);
        CollectionAssert.AreEqual(new float[] { 6, 9, 7, 10, 8, 11 }, file.Tensors[0].Read());
    }

    [TestMethod]
    public void Storages_have_the_size_that_the_pickle_says()
    {
        var pickle = new PickleWriter().Protocol().Dictionary(entries => entries.Text("weight").Tensor("0", 8, 0, [8], [1])).Stop();
        foreach (var length in new[] { 0, 31, 33, 64 })
        {
            using var file = WeightsReader.Open(PickleWriter.Archive(_folder, pickle, ("0", new byte[length])));
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => file.Tensors[0].Read()).Message, $"{length} bytes");
        }
        using var lacking = WeightsReader.Open(PickleWriter.Archive(_folder, pickle));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => lacking.Tensors[0].Read()).Message, "data/0");
    }

    [TestMethod]
    public void A_small_archive_does_not_become_a_large_one()
    {
        const int Count = 1 << 24;
        var pickle = new PickleWriter().Protocol().Dictionary(entries => entries.Text("weight").Tensor("0", Count, 0, [Count], [1])).Stop();
        var path = PickleWriter.Archive(_folder, pickle, ("0", new byte[4 * Count]));
        NumberAssert.IsLessThan(1_000_000L, new FileInfo(path).Length);
        using var file = WeightsReader.Open(path);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => file.Tensors[0].Read()).Message, "becomes");
    }

    [TestMethod]
    public void Changed_numbers_are_told()
    {
        var path = SharedFolder.Find("weights", "lstm_tagger.pt");
        var bytes = File.ReadAllBytes(path);
        using (var whole = WeightsReader.Open(path))
            bytes[bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes(whole.Tensors[0].Read().AsSpan())) + 9] ^= 1;
        File.WriteAllBytes(path = Path.Combine(_folder, "changed.pt"), bytes);
        using var file = WeightsReader.Open(path);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => file.Tensors[0].Read()).Message, "changed.pt' cannot be read: its entry");
        Assert.HasCount(120, file.Tensors[1].Read());
    }

    [TestMethod]
    public void Circles_and_shared_values_end()
    {
        // A dictionary that holds itself, and thirty levels of two references each.
        var pickle = new PickleWriter().Protocol().Raw((byte)'}', (byte)'q', 0).Text("self").Raw((byte)'h', 0, (byte)'s');
        Refused(pickle.Stop(), "no dictionary of tensors");
        pickle = new PickleWriter().Protocol().Raw((byte)'}', (byte)'q', 0);
        for (byte level = 0; level < 30; level++)
            pickle.Raw((byte)'}').Text("a").Raw((byte)'h', level, (byte)'s').Text("b").Raw((byte)'h', level, (byte)'s').Raw((byte)'q', (byte)(level + 1));
        Refused(pickle.Stop(), "no dictionary of tensors");
    }

    [TestMethod]
    public void Truncated_and_changed_files_are_told()
    {
        foreach (var name in new[] { "lstm_tagger.pt", "lstm2bi.dat", "lstm2bi.safetensors" })
        {
            var bytes = File.ReadAllBytes(SharedFolder.Find("weights", name));
            var random = new Random(7);
            for (var i = 0; i < 200; i++)
            {
                var changed = i % 2 == 0 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
                for (var k = 0; i % 2 == 1 && k < 4; k++) changed[random.Next(Math.Min(bytes.Length, 3000))] = (byte)random.Next(256);
                var path = Path.Combine(_folder, name);
                File.WriteAllBytes(path, changed);
                try
                {
                    using var file = WeightsReader.Open(path);
                    foreach (var tensor in file.Tensors.Where(tensor => tensor.IsNumbers)) tensor.Read();
                }
                catch (InvalidDataException error)
                {
                    StringAssert.Contains(error.Message, name);
                }
            }
        }
    }

    private void Refused(byte[] pickle, string reason, params (string, byte[])[] storages)
    {
        var path = PickleWriter.Archive(_folder, pickle, storages);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => WeightsReader.Open(path));
        StringAssert.Contains(error.Message, reason);
        StringAssert.Contains(error.Message, "model.pt");
    }
}
