using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Chunks of a stream are read while the one before is learned.</summary>
[TestClass]
public sealed class ChunkReaderTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Examples of one step whose label is their number.</summary>
    private sealed class Numbers(int first, int count) : IExampleSource
    {
        public int Count => count;

        public bool VariesInLength => false;

        public int Length(int example) => 1;

        public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
        {
            batch.Resize(examples.Length, 1, 1, labels: true);
            for (var row = 0; row < examples.Length; row++) batch.Labels![row] = first + examples[row];
        }
    }

    private static IBatchSource Batches(Func<IEnumerable<ITrainingSet>> read, params int[] counts) => new StreamedSet(read, counts).Batches(2, null);

    private static List<int> Labels(IBatchSource batches, ulong? seed)
    {
        using var batch = new SequenceBatch();
        List<int> labels = [];
        for (batches.Begin(seed); batches.Next(batch);) labels.AddRange(batch.Labels!.Take(batch.Rows));
        return labels;
    }

    [TestMethod]
    public void Each_epoch_has_all_chunks_in_an_order_of_its_seed()
    {
        var batches = Batches(() => [new ExampleSet(new Numbers(0, 5)), new ExampleSet(new Numbers(5, 1)), new ExampleSet(new Numbers(6, 4))], 5, 1, 4);
        Assert.AreEqual((10, 6), (batches.Count, batches.Batches));
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).ToArray(), Labels(batches, null));
        var one = Labels(batches, 1);
        CollectionAssert.AreEqual(one, Labels(batches, 1));
        CollectionAssert.AreNotEqual(one, Labels(batches, 2));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 10).ToArray(), one);
        Assert.IsEmpty(Labels(Batches(() => []), 1));
    }

    [TestMethod]
    public void The_next_chunk_is_read_while_one_is_learned()
    {
        using var second = new ManualResetEventSlim();
        using var batch = new SequenceBatch();
        var batches = Batches(Read, 2, 2, 2);
        batches.Begin(null);
        Assert.IsTrue(batches.Next(batch));
        // Nothing asks for the second chunk yet.
        Assert.IsTrue(second.Wait(s_patience));
        ((IDisposable)batches).Dispose();

        IEnumerable<ITrainingSet> Read()
        {
            yield return new ExampleSet(new Numbers(0, 2));
            second.Set();
            yield return new ExampleSet(new Numbers(2, 2));
            yield return new ExampleSet(new Numbers(4, 2));
        }
    }

    [TestMethod]
    public void Nothing_is_read_after_the_end_of_a_pass()
    {
        using SemaphoreSlim begun = new(0), goOn = new(0);
        using var batch = new SequenceBatch();
        var (closed, chunks) = (false, 0);
        var batches = Batches(Read, 2, 2, 2);
        batches.Begin(1);
        Assert.IsTrue(batches.Next(batch));
        Assert.IsTrue(begun.Wait(s_patience));
        // It reads the second chunk: the end waits for that.
        var end = Task.Run(((IDisposable)batches).Dispose);
        Assert.IsFalse(end.Wait(50));
        goOn.Release();
        Assert.IsTrue(end.Wait(s_patience));
        Assert.IsTrue(closed);
        Assert.AreEqual(2, chunks);
        Assert.IsFalse(batches.Next(batch));

        IEnumerable<ITrainingSet> Read()
        {
            try
            {
                for (; chunks < 3; chunks++)
                {
                    if (chunks == 1)
                    {
                        begun.Release();
                        goOn.Wait(s_patience);
                        chunks++;
                    }
                    yield return new ExampleSet(new Numbers(0, 2));
                }
            }
            finally
            {
                closed = true;
            }
        }
    }

    [TestMethod]
    public void What_reading_throws_comes_at_its_chunk()
    {
        using var batch = new SequenceBatch();
        var batches = Batches(Read, 2, 2);
        batches.Begin(null);
        Assert.IsTrue(batches.Next(batch));
        Assert.AreEqual("the disk", Assert.ThrowsExactly<IOException>(() => batches.Next(batch)).Message);
        // A pass that failed can be begun anew, and ended.
        batches.Begin(null);
        Assert.IsTrue(batches.Next(batch));
        ((IDisposable)batches).Dispose();

        static IEnumerable<ITrainingSet> Read()
        {
            yield return new ExampleSet(new Numbers(0, 2));
            throw new IOException("the disk");
        }
    }
}
