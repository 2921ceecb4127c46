using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels;

/// <content>
/// Kernels over whole parameters or vocabularies: large ones run in parallel. Parts are fixed chunks or whole rows and columns, so results do not depend on the
/// number of threads.
/// </content>
internal abstract unsafe partial class CpuKernels
{
    // Elements of a chunk, and the minimum of rows times columns for running in parallel.
    private const int Chunk = 1 << 16;

    /// <summary>The sum of squares, accumulated in double precision across blocks; the basis of the global gradient norm.</summary>
    public double SumOfSquares(float* a, nint count)
    {
        if (count <= Chunk)
            return SumOfSquaresPart(a, count);
        var parts = Parts(count);
        var rented = parts > 256 ? System.Buffers.ArrayPool<double>.Shared.Rent(parts) : null;
        var sums = rented is null ? stackalloc double[256] : rented;
        double total = 0;
        fixed (double* pointer = sums)
        {
            var job = new UpdateJob { Kernels = this, Parameter = a, Count = count, Sums = pointer };
            Workers.Run(parts, &SquaresPart, Unsafe.AsPointer(ref job));
        }
        for (var i = 0; i < parts; i++)
            total += sums[i];
        if (rented is not null)
            System.Buffers.ArrayPool<double>.Shared.Return(rented);
        return total;
    }

    /// <summary>One step of Adam or AdamW over a parameter.</summary>
    public void Adam(in AdamStep step, float* parameter, float* gradient, float* firstMoment, float* secondMoment, nint count)
    {
        var job = new UpdateJob
        {
            Kernels = this, Adam = step, Parameter = parameter, Gradient = gradient, First = firstMoment, Second = secondMoment,
            Count = count
        };
        Workers.Run(Parts(count), &AdamPart, Unsafe.AsPointer(ref job));
    }

    /// <summary>One step of gradient descent; velocity may be null if the momentum is 0.</summary>
    public void Sgd(in SgdStep step, float* parameter, float* gradient, float* velocity, nint count)
    {
        var job = new UpdateJob { Kernels = this, Sgd = step, Parameter = parameter, Gradient = gradient, First = velocity, Count = count };
        Workers.Run(Parts(count), &SgdPart, Unsafe.AsPointer(ref job));
    }

    /// <summary>sums[c] += the sum of a[r, c] over r, in the order of the rows.</summary>
    public void AddColumnSums(float* a, nint leadingDimension, float* sums, int rows, int columns)
    {
        var job = new SumsJob { Kernels = this, A = a, LeadingDimension = leadingDimension, Sums = sums, Rows = rows, Columns = columns };
        job.ColumnsOfPart = (long)rows * columns < 16 * Chunk ? Math.Max(1, columns) : 4 * VectorWidth;
        Workers.Run((columns + job.ColumnsOfPart - 1) / job.ColumnsOfPart, &SumsPart, Unsafe.AsPointer(ref job));
    }

    /// <summary>
    /// losses[r] = weight_r * cross-entropy of softmax(logits[r]) against class targets[r], and gradient[r, c] = scale * weight_r * (softmax - target). The
    /// gradient may be null or alias the logits. With smoothing e the target is 1-e+e/columns for the class and e/columns for the others. A negative target
    /// gives loss and gradient 0.
    /// </summary>
    public void SoftmaxCrossEntropy(
        float* logits, int* targets, float* weights, float smoothing, float scale, float* losses, float* gradient, int rows, int columns)
    {
        for (var r = 0; r < rows; r++)
            if (targets[r] >= columns)
                throw new ArgumentOutOfRangeException(nameof(targets), targets[r],
                    $"The target class of row {r} is {targets[r]}, but there are only {columns} classes.");
        var job = new EntropyJob
        {
            Kernels = this, Logits = logits, Targets = targets, Weights = weights, Smoothing = smoothing, Scale = scale, Losses = losses, Gradient = gradient,
            Rows = rows, Columns = columns, RowsOfPart = (long)rows * columns < Chunk ? Math.Max(1, rows) : Math.Max(1, Chunk / 4 / columns),
        };
        Workers.Run((rows + job.RowsOfPart - 1) / job.RowsOfPart, &EntropyPart, Unsafe.AsPointer(ref job));
    }

    /// <summary>The parts of the kernels above, on the calling thread.</summary>
    protected abstract double SumOfSquaresPart(float* a, nint count);

    /// <inheritdoc cref="SumOfSquaresPart"/>
    protected abstract void AdamPart(in AdamStep step, float* parameter, float* gradient, float* firstMoment, float* secondMoment, nint count);

    /// <inheritdoc cref="SumOfSquaresPart"/>
    protected abstract void SgdPart(in SgdStep step, float* parameter, float* gradient, float* velocity, nint count);

    /// <inheritdoc cref="SumOfSquaresPart"/>
    protected abstract void AddColumnSumsPart(float* a, nint leadingDimension, float* sums, int rows, int columns);

    /// <inheritdoc cref="SumOfSquaresPart"/>
    protected abstract void SoftmaxCrossEntropyPart(
        float* logits, int* targets, float* weights, float smoothing, float scale, float* losses, float* gradient, int rows, int columns);

    private static int Parts(nint count) => (int)Math.Max(1, (count + Chunk - 1) / Chunk);

#pragma warning disable CS8500 // The jobs hold a reference, but live on the caller's stack while their parts run.
    private static void SquaresPart(void* context, int part)
    {
        ref var job = ref *(UpdateJob*)context;
        var start = (nint)part * Chunk;
        job.Sums[part] = job.Kernels.SumOfSquaresPart(job.Parameter + start, Math.Min(Chunk, job.Count - start));
    }

    private static void AdamPart(void* context, int part)
    {
        ref var job = ref *(UpdateJob*)context;
        var start = (nint)part * Chunk;
        job.Kernels.AdamPart(job.Adam, job.Parameter + start, job.Gradient + start, job.First + start, job.Second + start, Math.Min(Chunk, job.Count - start));
    }

    private static void SgdPart(void* context, int part)
    {
        ref var job = ref *(UpdateJob*)context;
        var start = (nint)part * Chunk;
        job.Kernels.SgdPart(job.Sgd, job.Parameter + start, job.Gradient + start, job.First == null ? null : job.First + start,
            Math.Min(Chunk, job.Count - start));
    }

    private static void SumsPart(void* context, int part)
    {
        ref var job = ref *(SumsJob*)context;
        var column = part * job.ColumnsOfPart;
        job.Kernels.AddColumnSumsPart(job.A + column, job.LeadingDimension, job.Sums + column, job.Rows, Math.Min(job.ColumnsOfPart, job.Columns - column));
    }

    private static void EntropyPart(void* context, int part)
    {
        ref var job = ref *(EntropyJob*)context;
        int row = part * job.RowsOfPart, rows = Math.Min(job.RowsOfPart, job.Rows - row);
        var start = (nint)row * job.Columns;
        job.Kernels.SoftmaxCrossEntropyPart(
            job.Logits + start, job.Targets + row, job.Weights == null ? null : job.Weights + row, job.Smoothing, job.Scale, job.Losses + row,
            job.Gradient == null ? null : job.Gradient + start, rows, job.Columns);
    }
#pragma warning restore CS8500

    private struct UpdateJob
    {
        public CpuKernels Kernels;
        public AdamStep Adam;
        public SgdStep Sgd;
        public float* Parameter, Gradient, First, Second;
        public double* Sums;
        public nint Count;
    }

    private struct SumsJob
    {
        public CpuKernels Kernels;
        public float* A, Sums;
        public nint LeadingDimension;
        public int Rows, Columns, ColumnsOfPart;
    }

    private struct EntropyJob
    {
        public CpuKernels Kernels;
        public float* Logits, Weights, Losses, Gradient;
        public int* Targets;
        public float Smoothing, Scale;
        public int Rows, Columns, RowsOfPart;
    }
}
