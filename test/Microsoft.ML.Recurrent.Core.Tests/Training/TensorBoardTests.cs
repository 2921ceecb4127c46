using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Core.Tests.Training.EventFormat;
using Microsoft.ML.Recurrent.Training.Logging;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

/// <summary>TensorBoard event files, read by independent code: the checksum, the records and, if installed, TensorBoard itself.</summary>
[TestClass]
public sealed class TensorBoardTests
{
    // Prints every scalar that TensorBoard finds in a folder, through the API of its scalar plugin.
    private const string Reader = """
        import sys
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "tensors": 0})
        events.Reload()
        tags = events.Tags()
        for tag in tags["scalars"]:
            for event in events.Scalars(tag): print(tag, event.step, repr(event.value), repr(event.wall_time))
        for tag in tags["tensors"]:
            from tensorboard.util import tensor_util
            for event in events.Tensors(tag): print(tag, event.step, repr(float(tensor_util.make_ndarray(event.tensor_proto))), repr(event.wall_time))
        """;

    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 15, 0, 0, TimeSpan.Zero);

    public TestContext TestContext { get; set; } = null!;

    /// <summary>
    /// The vectors of RFC 3720, appendix B.4, and the check value of the catalogues; the mask is TFRecord's: rotated right by 15 bits, plus a constant.
    /// </summary>
    [TestMethod]
    public void The_checksum_is_the_masked_crc32_c()
    {
        byte[] command =
        [
            0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02,
            0, 0, 0, 0, 0, 0, 0,
        ];
        foreach (var (data, crc) in new (byte[], uint)[]
        {
            ([.. "123456789"u8], 0xE3069283),
            (new byte[32], 0x8A9136AA),
            ([.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43),
            ([.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E),
            ([.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C),
            (command, 0xD9963A56),
        })
        {
            Assert.AreEqual(crc, EventFile.Crc32C(data));
            Assert.AreEqual(((crc >> 15) | (crc << 17)) + 0xA282EAD8, TensorBoardLogger.MaskedCrc(data));
        }
    }

    [TestMethod]
    public void A_file_is_read_by_others()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-board-").FullName;
        try
        {
            var entries = Entries();
            using (var logger = TrainingLogger.TensorBoard(folder))
                foreach (var entry in entries) logger.Log(entry);
            var file = Directory.GetFiles(folder).Single();
            StringAssert.StartsWith(Path.GetFileName(file), "events.out.tfevents.");

            var events = EventFile.Events(file);
            Assert.AreEqual(Event.WhatOneofCase.FileVersion, events[0].WhatCase);
            Assert.AreEqual("brain.Event:2", events[0].FileVersion);
            Assert.AreEqual(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0, events[0].WallTime, 120);
            Assert.HasCount(1 + entries.Count, events);
            foreach (var (entry, read) in entries.Zip(events.Skip(1)))
            {
                Assert.AreEqual(Event.WhatOneofCase.Summary, read.WhatCase);
                Assert.AreEqual((entry.Step, entry.Time.ToUnixTimeMilliseconds() / 1000.0), (read.Step, read.WallTime));
                CollectionAssert.AreEqual(entry.Values.Select(value => (value.Key, (float)value.Value)).ToArray(),
                    read.Summary.Value.Select(value => (value.Tag, value.SimpleValue)).ToArray());
                Assert.AreEqual(read.CalculateSize(), Event.Parser.WithDiscardUnknownFields(true).ParseFrom(read.ToByteArray()).CalculateSize(),
                    "no field is unknown");
            }

            ReadByTensorBoard(folder, entries);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Runs_of_the_same_second_have_files_of_their_own()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-board-").FullName;
        try
        {
            using (TrainingLogger a = TrainingLogger.TensorBoard(folder), b = TrainingLogger.TensorBoard(folder))
            {
                foreach (var logger in new[] { a, b }) logger.Log(Entries()[0]);
            }

            var files = Directory.GetFiles(folder);
            Assert.HasCount(2, files);
            foreach (var file in files) Assert.HasCount(2, EventFile.Events(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Small and large steps and numbers, a tag that is not ASCII, a record of several kilobytes.
    private static List<TrainingLogEntry> Entries() =>
    [
        Entry(1, ("train/loss", 0.693147), ("train/gradient_norm", 12.5)),
        Entry(127, ("train/loss", -1e-30)),
        Entry(128, ("train/loss", 3.4e38), ("gewicht/größe", 0)),
        Entry(3_000_000_000, [.. Enumerable.Range(0, 200).Select(i => ($"gradient_norm/layer_{i}.weight", i / 7.0))]),
    ];

    private static TrainingLogEntry Entry(long step, params (string Name, double Value)[] values) => new()
    {
        Step = step, Epoch = 1, Time = s_start.AddSeconds(step % 1000), Elapsed = TimeSpan.FromSeconds(1),
        Values = [.. values.Select(value => KeyValuePair.Create(value.Name, value.Value))],
    };

    private void ReadByTensorBoard(string folder, List<TrainingLogEntry> entries)
    {
        var (code, output) = Python("-c", "import tensorboard.backend.event_processing.event_accumulator");
        if (code != 0)
        {
            TestContext.WriteLine("TensorBoard is not installed: the file was read by its definition alone.");
            return;
        }

        (code, output) = Python("-c", Reader, folder);
        Assert.AreEqual(0, code, output);
        var read = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .ToDictionary(parts => (parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture)),
            parts => (Value: float.Parse(parts[2], CultureInfo.InvariantCulture), Time: double.Parse(parts[3], CultureInfo.InvariantCulture)));
        Assert.HasCount(entries.Sum(entry => entry.Values.Count()), read);
        foreach (var entry in entries)
            foreach (var (name, value) in entry.Values)
                Assert.AreEqual(((float)value, entry.Time.ToUnixTimeMilliseconds() / 1000.0), read[(name, entry.Step)], name);
        TestContext.WriteLine($"TensorBoard has read {read.Count} scalars.");
    }

    private static (int Code, string Output) Python(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", arguments)
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
                WorkingDirectory = Path.GetTempPath(), Environment = { ["PYTHONIOENCODING"] = "utf-8" }
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }
}
