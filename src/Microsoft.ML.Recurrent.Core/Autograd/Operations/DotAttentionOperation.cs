using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Dot-product attention, softmax(scale x q k^T) v, with one head (Luong et al. 2015) or several heads split along the features (Vaswani et al. 2017).
/// Sequences are [time, rows, features]; the matrices of a head are read in place. Rows and heads run in parallel.
/// </summary>
internal sealed unsafe class DotAttentionOperation : Operation
{
    private int[]? _lengths;
    private int _heads;
    private float _scale;

    /// <summary>[queries, rows, n], [time, rows, n] and [time, rows, m] to [queries, rows, m].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="query">[queries, rows, n], or [rows, n] for one query per row; the result has the same rank.</param>
    /// <param name="keys">[time, rows, n].</param>
    /// <param name="values">[time, rows, m].</param>
    /// <param name="lengths">Valid steps of the keys and values of each row; null if all are valid.</param>
    /// <param name="heads">The number of heads; divides n and m.</param>
    /// <param name="scale">A factor for the scores; 1 / sqrt(n / heads) in a transformer.</param>
    /// <param name="causal">Whether a query sees only steps up to its own.</param>
    /// <param name="weights">Receives the weights, [rows x heads, queries, time]; null if they are not needed.</param>
    public static Tensor Apply(Tape tape, Tensor query, Tensor keys, Tensor values, int[]? lengths, int heads = 1, float scale = 1, bool causal = false,
        Tensor? weights = null)
    {
        var (rows, features) = (keys.Shape[1], keys.Shape.Columns);
        if (query.Shape.Columns != features || query.Shape.Rows % rows != 0)
            throw new ArgumentException($"A query {query.Shape} does not fit keys {keys.Shape}.", nameof(query));
        if (values.Shape[0] != keys.Shape[0] || values.Shape[1] != rows)
            throw new ArgumentException($"Values {values.Shape} do not fit keys {keys.Shape}.", nameof(values));
        if (heads < 1 || features % heads != 0 || values.Shape.Columns % heads != 0)
            throw new ArgumentException($"{features} and {values.Shape.Columns} features cannot be split into {heads} heads of equal size.", nameof(heads));
        var y = tape.Rent(query.Shape.WithColumns(values.Shape.Columns));
        var record = tape.Record<DotAttentionOperation>(y, query, keys, values);
        var kept = record is null ? weights : Tensor.Rent(new Shape(rows * heads, query.Shape.Rows / rows, keys.Shape[0]));
        fixed (int* pointer = lengths)
        {
            var job = new Job(query, keys, values, kept, pointer, heads, scale) { Output = y.Pointer, Causal = causal };
            Workers.Run(rows * heads, &Job.Forward, Unsafe.AsPointer(ref job));
        }

        if (record is not null)
            (record._kept, record._lengths, record._heads, record._scale) = (kept, lengths, heads, scale);
        if (weights is not null && kept != weights) kept!.Span.CopyTo(weights.Span);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (query, keys, values, _) = Operands;
        fixed (int* pointer = _lengths)
        {
            var job = new Job(query!, keys!, values!, _kept, pointer, _heads, _scale)
            {
                Output = Output.Gradient!.Pointer, DQuery = Added(query), DKeys = Added(keys), DValues = Added(values),
            };
            Workers.Run(keys!.Shape[1] * _heads, &Job.Backward, Unsafe.AsPointer(ref job));
        }
    }

    // One part is one head of one row. The rows of a sequence are one step apart in memory.
    private struct Job
    {
        private readonly float* _query, _keys, _values, _weights;
        private readonly int* _lengths;
        private readonly int _heads, _rows, _queries, _time, _size, _valueSize;
        private readonly nint _queryStep, _valueStep;
        private readonly float _scale;

        public float* Output, DQuery, DKeys, DValues;
        public bool Causal;

        public Job(Tensor query, Tensor keys, Tensor values, Tensor? weights, int* lengths, int heads, float scale)
        {
            _query = query.Pointer;
            _keys = keys.Pointer;
            _values = values.Pointer;
            _weights = PointerOf(weights);
            _lengths = lengths;
            (_heads, _scale) = (heads, scale);
            (_time, _rows, _queries) = (keys.Shape[0], keys.Shape[1], query.Shape.Rows / keys.Shape[1]);
            (_size, _valueSize) = (keys.Shape.Columns / heads, values.Shape.Columns / heads);
            (_queryStep, _valueStep) = ((nint)_rows * keys.Shape.Columns, (nint)_rows * values.Shape.Columns);
        }

        public static void Forward(void* context, int part)
        {
            ref var job = ref *(Job*)context;
            var kernels = CpuKernels.Current;
            var (length, at, valueAt) = job.Place(part);
            var weightLength = (long)job._queries * job._time;
            var weights = job._weights == null ? BufferPool.Shared.RentFloats(weightLength) : job._weights + part * weightLength;

            MatrixProduct.Multiply(false, true, job._queries, length, job._size, job._query + at, job._queryStep, job._keys + at, job._queryStep, weights,
                job._time);
            for (var i = 0; i < job._queries; i++)
            {
                var seen = job.Causal ? Math.Min(i + 1, length) : length;
                var scores = weights + (nint)i * job._time;
                if (job._scale != 1) kernels.Scale(scores, job._scale, scores, seen);
                kernels.Softmax(scores, scores, 1, seen);
                new Span<float>(scores + seen, job._time - seen).Clear();
            }

            MatrixProduct.Multiply(false, false, job._queries, job._valueSize, length, weights, job._time, job._values + valueAt, job._valueStep,
                job.Output + valueAt, job._valueStep);
            if (job._weights == null) BufferPool.Shared.ReturnFloats(weights, weightLength);
        }

        public static void Backward(void* context, int part)
        {
            ref var job = ref *(Job*)context;
            var kernels = CpuKernels.Current;
            var (length, at, valueAt) = job.Place(part);
            var weightLength = (long)job._queries * job._time;
            var weights = job._weights + part * weightLength;
            if (job.DValues != null)
                MatrixProduct.Multiply(true, false, length, job._valueSize, job._queries, weights, job._time, job.Output + valueAt, job._valueStep,
                    job.DValues + valueAt, job._valueStep, true);
            if (job.DQuery == null && job.DKeys == null) return;

            var scratch = BufferPool.Shared.RentFloats(2 * weightLength);
            float* dweights = scratch, dscores = scratch + weightLength;
            MatrixProduct.Multiply(false, true, job._queries, length, job._valueSize, job.Output + valueAt, job._valueStep, job._values + valueAt,
                job._valueStep, dweights, job._time);
            kernels.Fill(0, dscores, (nint)weightLength);
            for (var i = 0; i < job._queries; i++)
                kernels.SoftmaxBackward(weights + (nint)i * job._time, dweights + (nint)i * job._time, dscores + (nint)i * job._time, 1, length);
            if (job._scale != 1) kernels.Scale(dscores, job._scale, dscores, (nint)weightLength);
            if (job.DQuery != null)
                MatrixProduct.Multiply(false, false, job._queries, job._size, length, dscores, job._time, job._keys + at, job._queryStep, job.DQuery + at,
                    job._queryStep, true);
            if (job.DKeys != null)
                MatrixProduct.Multiply(true, false, length, job._size, job._queries, dscores, job._time, job._query + at, job._queryStep, job.DKeys + at,
                    job._queryStep, true);
            BufferPool.Shared.ReturnFloats(scratch, 2 * weightLength);
        }

        // Steps of the row's sequence, and where the head's part of its first step lies in queries and keys, and in values.
        private readonly (int Length, nint At, nint ValueAt) Place(int part)
        {
            // Heads follow each other within a row.
            var length = _lengths == null ? _time : Math.Min(_lengths[part / _heads], _time);
            return (length, (nint)part * _size, (nint)part * _valueSize);
        }
    }
}
