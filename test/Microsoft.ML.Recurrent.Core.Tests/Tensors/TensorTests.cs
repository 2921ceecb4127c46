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
        var first = Tensor.Zeros(new Shape(3, 5));
        var address = (nint)first.Pointer;
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
        using var tensor = Tensor.From(new Shape(2, 3), [1, 2, 3, 4, 5, 6]);
        using (var view = tensor.View(new Shape(3), 3))
            view[0] = 40;
        Assert.AreEqual(40f, tensor[3]);
        using var copy = tensor.Clone();
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
        for (var i = 0; i < 100; i++)
            Rent();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Rent();
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void The_pool_reuses_buffers_of_a_size()
    {
        var pool = new BufferPool();
        void* a = pool.Rent(5000), b = pool.Rent(4999);
        var two = pool.BytesHeld;
        NumberAssert.IsGreaterThanOrEqualTo(9999, two);
        Assert.AreEqual((two, two), (pool.BytesRented, pool.PeakBytesRented));
        pool.Return(a, 5000);
        pool.Return(b, 4999);
        Assert.AreEqual((two, 0L, two), (pool.BytesHeld, pool.BytesRented, pool.PeakBytesRented));
        void* c = pool.Rent(5000), d = pool.Rent(5000);
        Assert.IsTrue((a == c && b == d) || (a == d && b == c), "the same buffers");
        Assert.AreEqual((two, two), (pool.BytesHeld, pool.BytesRented));
        pool.Return(c, 5000);
        pool.Trim();
        Assert.AreEqual((two / 2, two / 2), (pool.BytesHeld, pool.BytesRented), "a rented buffer stays");
        pool.Return(d, 5000);
        pool.Trim();
        pool.Trim();
        Assert.AreEqual((0L, 0L), (pool.BytesHeld, pool.BytesRented));
    }

    [TestMethod]
    public void Large_buffers_serve_down_to_a_quarter_of_their_size()
    {
        var pool = new BufferPool();
        var a = pool.Rent(1 << 20);
        pool.Return(a, 1 << 20);
        var held = pool.BytesHeld;
        // That of a batch of fewer rows, and then that of a whole one again.
        var b = pool.Rent(300_000);
        Assert.IsTrue(a == b);
        Assert.AreEqual((held, held), (pool.BytesHeld, pool.BytesRented));
        pool.Return(b, 300_000);
        Assert.AreEqual((held, 0L), (pool.BytesHeld, pool.BytesRented));
        var c = pool.Rent(1 << 20);
        Assert.IsTrue(a == c);
        pool.Return(c, 1 << 20);
        // Much smaller ones, and small ones, have buffers of their own.
        void* d = pool.Rent(200_000), e = pool.Rent(3000);
        Assert.IsTrue(a != d);
        pool.Return(d, 200_000);
        pool.Return(e, 3000);
        NumberAssert.IsGreaterThan(held, pool.BytesHeld);
        pool.Trim();
        Assert.AreEqual((0L, 0L), (pool.BytesHeld, pool.BytesRented));
    }

    [TestMethod]
    public void Size_classes_waste_little()
    {
        for (long bytes = 1; bytes < 1L << 40; bytes = (bytes * 17 / 16) + 1)
        {
            var rounded = Rounded(bytes);
            Assert.IsTrue(rounded >= bytes && (rounded <= 256 || rounded <= bytes * 1.25 + 1), $"{bytes} -> {rounded}");
            Assert.AreEqual(rounded, Rounded(rounded));
        }

        static long Rounded(long bytes) => BufferPool.SizeOf(BufferPool.ClassOf(bytes));
    }

    [TestMethod]
    public void Many_threads_rent_without_sharing()
    {
        Parallel.For(0, 8, thread =>
        {
            for (var i = 1; i < 500; i++)
            {
                using var tensor = Tensor.Rent(new Shape((i * 13 % 97) + 1));
                tensor.Span.Fill(thread);
                Thread.Yield();
                Assert.IsFalse(tensor.Span.ContainsAnyExcept((float)thread));
            }
        });
    }
}
