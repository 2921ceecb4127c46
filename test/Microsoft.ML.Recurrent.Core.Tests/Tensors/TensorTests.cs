using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Tensors;

[TestClass]
[DoNotParallelize]
public sealed unsafe class TensorTests
{
    [TestMethod]
    public void A_shape_knows_its_sizes()
    {
        var shape = new Shape(2, 3, 4);
        Assert.AreEqual((3, 24, 4, 6, 4), (shape.Rank, shape.Length, shape.Columns, shape.Rows, shape[^1]));
        Assert.AreEqual("[2, 3, 4]", shape.ToString());
        Assert.IsTrue(shape == new Shape([2, 3, 4]) && shape != new Shape(2, 12) && shape.GetHashCode() == new Shape(2, 3, 4).GetHashCode());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => shape[3]);
        Assert.ThrowsExactly<ArgumentException>(() => new Shape(2, -1));
        Assert.ThrowsExactly<ArgumentException>(() => new Shape(1 << 20, 1 << 20));
        Assert.ThrowsExactly<ArgumentException>(() => new Shape([]));
    }

    [TestMethod]
    public void Tensors_are_aligned_and_reused()
    {
        Tensor first = Tensor.Zeros(new Shape(3, 5));
        nint address = (nint)first.Pointer;
        Assert.AreEqual(0, address % BufferPool.Alignment);
        Assert.AreEqual(0f, first.Span.ToArray().Sum());
        first.Dispose();
        first.Dispose();
        using Tensor second = Tensor.Rent(new Shape(15)), third = Tensor.Rent(new Shape(15));
        Assert.AreNotEqual((nint)second.Pointer, (nint)third.Pointer);
        Assert.IsTrue((nint)second.Pointer == address || (nint)third.Pointer == address, "the buffer was not reused");
    }

    [TestMethod]
    public void Views_share_memory()
    {
        using Tensor tensor = Tensor.From(new Shape(2, 3), [1, 2, 3, 4, 5, 6]);
        using (Tensor view = tensor.View(new Shape(3), 3))
            view[0] = 40;
        Assert.AreEqual(40f, tensor[3]);
        using Tensor copy = tensor.Clone();
        copy[0] = -1;
        Assert.AreEqual(1f, tensor[0]);
        Assert.ThrowsExactly<ArgumentException>(() => tensor.View(new Shape(4), 3));
        Assert.ThrowsExactly<ArgumentException>(() => Tensor.From(new Shape(2), [1]));
    }

    [TestMethod]
    public void Renting_allocates_nothing_once_warm()
    {
        static void Rent()
        {
            using Tensor a = Tensor.Rent(new Shape(100, 7)), b = Tensor.Rent(new Shape(3000)), view = a.View(new Shape(700));
            b[0] = view[0];
        }
        for (int i = 0; i < 100; i++)
            Rent();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Rent();
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void The_pool_plans_reuses_and_trims()
    {
        var pool = new BufferPool();
        pool.Plan(5000, 3);
        long planned = pool.BytesHeld;
        Assert.IsTrue(planned >= 15000);
        void* a = pool.Rent(5000), b = pool.Rent(4999), c = pool.Rent(5000);
        Assert.AreEqual(planned, pool.BytesHeld);
        Assert.AreEqual(planned, pool.BytesRented);
        pool.Return(a, 5000);
        pool.Return(b, 4999);
        Assert.AreEqual(planned, pool.PeakBytesRented);
        pool.Trim();
        Assert.AreEqual(pool.BytesRented, pool.BytesHeld);
        pool.Return(c, 5000);
        pool.Trim();
        Assert.AreEqual((0L, 0L), (pool.BytesHeld, pool.BytesRented));
    }

    [TestMethod]
    public void Size_classes_waste_little()
    {
        for (long bytes = 1; bytes < 1L << 40; bytes = (bytes * 17 / 16) + 1)
        {
            long rounded = BufferPool.RoundedSize(bytes);
            Assert.IsTrue(rounded >= bytes && (rounded <= 256 || rounded <= bytes * 1.25 + 1), $"{bytes} -> {rounded}");
            Assert.AreEqual(rounded, BufferPool.RoundedSize(rounded));
        }
    }

    [TestMethod]
    public void Many_threads_rent_without_sharing()
    {
        Parallel.For(0, 8, thread =>
        {
            for (int i = 1; i < 500; i++)
            {
                using Tensor tensor = Tensor.Rent(new Shape((i * 13 % 97) + 1));
                tensor.Span.Fill(thread);
                Thread.Yield();
                Assert.IsFalse(tensor.Span.ContainsAnyExcept((float)thread));
            }
        });
    }
}
