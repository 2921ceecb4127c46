using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Additive attention (Bahdanau et al. 2015): the softmax of v . tanh(q + k) over the steps weights the values. Queries and keys are projected already. The
/// backward pass computes the hidden units again instead of keeping queries x time of them. Rows run in parallel.
/// </summary>
internal sealed unsafe class AdditiveAttentionOperation : Operation
{
    private int[]? _lengths;

    /// <summary>[queries, rows, units], [time, rows, units] and [time, rows, m] to [queries, rows, m].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="query">[queries, rows, units], or [rows, units] for one query per row; the result has the same rank.</param>
    /// <param name="keys">[time, rows, units].</param>
    /// <param name="values">[time, rows, m].</param>
    /// <param name="score">v, [1, units].</param>
    /// <param name="lengths">Valid steps of the keys and values of each row; null if all are valid.</param>
    /// <param name="weights">Receives the weights, [rows, queries, time]; null if they are not needed.</param>
    public static Tensor Apply(Tape tape, Tensor query, Tensor keys, Tensor values, Tensor score, int[]? lengths, Tensor? weights = null)
    {
        var (rows, units) = (keys.Shape[1], keys.Shape.Columns);
        if (query.Shape.Columns != units || query.Shape.Rows % rows != 0)
            throw new ArgumentException($"A query {query.Shape} does not fit keys {keys.Shape}.", nameof(query));
        if (values.Shape[0] != keys.Shape[0] || values.Shape[1] != rows)
            throw new ArgumentException($"Values {values.Shape} do not fit keys {keys.Shape}.", nameof(values));
        if (score.Length != units) throw new ArgumentException($"A score {score.Shape} does not fit keys {keys.Shape}.", nameof(score));
        var y = tape.Rent(query.Shape.WithColumns(values.Shape.Columns));
        var record = tape.Record<AdditiveAttentionOperation>(y, query, keys, values, score);
        var kept = record is not null || weights is null ? Tensor.Rent(new Shape(rows, query.Shape.Rows / rows, keys.Shape[0])) : weights;
        fixed (int* pointer = lengths)
        {
            var job = new Job(query, keys, values, score, kept, pointer) { Output = y.Pointer };
            Workers.Run(rows, &Job.Forward, Unsafe.AsPointer(ref job));
        }

        if (weights is not null && kept != weights) kept.Span.CopyTo(weights.Span);
        if (record is not null) (record._kept, record._lengths) = (kept, lengths);
        else if (kept != weights) kept.Dispose();
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (query, keys, values, score) = Operands;
        var (rows, units) = (keys!.Shape[1], keys.Shape.Columns);
        var dscore = Added(score);
        // One part per row, summed in their order.
        using var parts = Tensor.Rent(new Shape(rows, units));
        parts.Span.Clear();
        fixed (int* pointer = _lengths)
        {
            var job = new Job(query!, keys, values!, score!, _kept!, pointer)
            {
                Output = Output.Gradient!.Pointer, DQuery = Added(query), DKeys = Added(keys), DValues = Added(values), DScore = parts.Pointer,
            };
            Workers.Run(rows, &Job.Backward, Unsafe.AsPointer(ref job));
        }

        for (var row = 0; row < rows && dscore != null; row++) CpuKernels.Current.Axpy(1, parts.Pointer + (nint)row * units, dscore, units);
    }

    // One part is one row. The steps of a row are one step apart in memory.
    private struct Job(Tensor query, Tensor keys, Tensor values, Tensor score, Tensor weights, int* lengths)
    {
        private readonly float* _query = query.Pointer, _keys = keys.Pointer, _values = values.Pointer, _score = score.Pointer, _weights = weights.Pointer;
        private readonly int* _lengths = lengths;
        private readonly int _time = keys.Shape[0], _rows = keys.Shape[1], _queries = query.Shape.Rows / keys.Shape[1], _units = keys.Shape.Columns,
            _size = values.Shape.Columns;

        public float* Output, DQuery, DKeys, DValues, DScore;

        public static void Forward(void* context, int row)
        {
            ref var job = ref *(Job*)context;
            var kernels = CpuKernels.Current;
            var length = job.Length(row);
            var count = (long)length * job._units;
            var hidden = BufferPool.Shared.RentFloats(count);
            for (var i = 0; i < job._queries; i++)
            {
                var weights = job.Weights(row, i);
                job.Hidden(kernels, row, i, length, hidden);
                for (var t = 0; t < length; t++) weights[t] = kernels.Dot(hidden + (nint)t * job._units, job._score, job._units);
                kernels.Softmax(weights, weights, 1, length);
                new Span<float>(weights + length, job._time - length).Clear();
            }

            BufferPool.Shared.ReturnFloats(hidden, count);
            MatrixProduct.Multiply(false, false, job._queries, job._size, length, job.Weights(row, 0), job._time, job._values + (nint)row * job._size,
                job.Step(job._size), job.Output + (nint)row * job._size, job.Step(job._size));
        }

        public static void Backward(void* context, int row)
        {
            ref var job = ref *(Job*)context;
            var kernels = CpuKernels.Current;
            int length = job.Length(row), units = job._units, size = job._size;
            nint at = (nint)row * units, valueAt = (nint)row * size;
            if (job.DValues != null)
                MatrixProduct.Multiply(true, false, length, size, job._queries, job.Weights(row, 0), job._time, job.Output + valueAt, job.Step(size),
                    job.DValues + valueAt, job.Step(size), true);

            long count = (long)length * units, all = 2 * count + 2L * job._queries * job._time;
            var scratch = BufferPool.Shared.RentFloats(all);
            float* hidden = scratch, slopes = hidden + count, dweights = slopes + count, dscores = dweights + (nint)job._queries * job._time;
            MatrixProduct.Multiply(false, true, job._queries, length, size, job.Output + valueAt, job.Step(size), job._values + valueAt, job.Step(size),
                dweights, job._time);
            for (var i = 0; i < job._queries; i++)
            {
                var dscore = dscores + (nint)i * job._time;
                kernels.Fill(0, dscore, length);
                kernels.SoftmaxBackward(job.Weights(row, i), dweights + (nint)i * job._time, dscore, 1, length);
                job.Hidden(kernels, row, i, length, hidden);
                kernels.Fill(0, slopes, (nint)count);
                for (var t = 0; t < length; t++)
                {
                    float* h = hidden + (nint)t * units, slope = slopes + (nint)t * units;
                    kernels.Axpy(dscore[t], h, job.DScore + at, units);
                    // v (1 - h^2).
                    kernels.ActivateBackward(Activation.Tanh, 0, h, h, job._score, slope, units);
                    if (job.DKeys != null) kernels.Axpy(dscore[t], slope, job.DKeys + t * job.Step(units) + at, units);
                    if (job.DQuery != null) kernels.Axpy(dscore[t], slope, job.DQuery + i * job.Step(units) + at, units);
                }
            }

            BufferPool.Shared.ReturnFloats(scratch, all);
        }

        // tanh(q + k) of all steps, [length, units].
        private readonly void Hidden(CpuKernels kernels, int row, int query, int length, float* hidden)
        {
            var q = _query + query * Step(_units) + (nint)row * _units;
            for (var t = 0; t < length; t++) kernels.Add(_keys + t * Step(_units) + (nint)row * _units, q, hidden + (nint)t * _units, _units);
            kernels.Activate(Activation.Tanh, 0, hidden, hidden, (nint)length * _units);
        }

        private readonly nint Step(int features) => (nint)_rows * features;

        private readonly float* Weights(int row, int query) => _weights + ((nint)row * _queries + query) * _time;

        private readonly int Length(int row) => _lengths == null ? _time : Math.Min(_lengths[row], _time);
    }
}
