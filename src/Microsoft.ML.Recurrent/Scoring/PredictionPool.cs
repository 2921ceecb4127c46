using System.Collections.Concurrent;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A thread-safe pool of prediction engines for one model (an engine itself is not thread-safe). In a server, register it as a singleton.
/// <code>
/// builder.Services.AddSingleton(mlContext.Model.CreatePredictionPool&lt;Input, Output&gt;(model));
/// app.MapPost("/predict", (Input input, PredictionPool&lt;Input, Output&gt; pool) =&gt; pool.Predict(input));
/// </code>
/// </summary>
/// <remarks>
/// An engine is created when all others are busy, and kept for reuse. All engines share one ONNX Runtime session. The pool does not dispose the model.
/// </remarks>
/// <typeparam name="TSource">The input class.</typeparam>
/// <typeparam name="TResult">The prediction class.</typeparam>
public sealed class PredictionPool<TSource, TResult> : IDisposable
    where TSource : class
    where TResult : class, new()
{
    private readonly Func<ITransformer, PredictionEngine<TSource, TResult>> _create;
    private Generation _generation;
    private bool _disposed;

    internal PredictionPool(ITransformer transformer, Func<ITransformer, PredictionEngine<TSource, TResult>> create)
    {
        _create = create;
        _generation = new(transformer, create);
    }

    /// <summary>Predicts one example and returns a new object.</summary>
    /// <param name="example">The example.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public TResult Predict(TSource example)
    {
        var result = new TResult();
        Predict(example, ref result);
        return result;
    }

    /// <summary>Predicts one example into an existing object.</summary>
    /// <param name="example">The example.</param>
    /// <param name="result">The object to fill; null to create one.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public void Predict(TSource example, ref TResult result)
    {
        ArgumentNullException.ThrowIfNull(example);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        var generation = Volatile.Read(ref _generation);
        var engine = generation.Rent();
        try
        {
            engine.Predict(example, ref result);
        }
        finally
        {
            generation.Return(engine);
        }
    }

    /// <summary>
    /// Replaces the model for all predictions that start from now on; running ones finish with the old model. If the new model does not match the classes, the
    /// old one stays.
    /// </summary>
    /// <param name="transformer">The model: a transformer or a chain.</param>
    public void Replace(ITransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        Interlocked.Exchange(ref _generation, new(transformer, _create)).Close();
    }

    /// <summary>Disposes the engines. Running predictions finish; the model is not disposed.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Volatile.Read(ref _generation).Close();
    }

    private sealed class Generation
    {
        private readonly ConcurrentStack<PredictionEngine<TSource, TResult>> _idle = [];
        private readonly Func<ITransformer, PredictionEngine<TSource, TResult>> _create;
        private readonly BorrowedTransformer _transformer;
        private bool _closed;

        public Generation(ITransformer transformer, Func<ITransformer, PredictionEngine<TSource, TResult>> create)
        {
            (_transformer, _create) = (new(transformer), create);
            // Created now, so that a model that does not match the classes fails here and not at the first request.
            _idle.Push(create(_transformer));
        }

        public PredictionEngine<TSource, TResult> Rent() => _idle.TryPop(out var engine) ? engine : _create(_transformer);

        public void Return(PredictionEngine<TSource, TResult> engine)
        {
            _idle.Push(engine);
            if (Volatile.Read(ref _closed)) Clear();
        }

        public void Close()
        {
            Volatile.Write(ref _closed, true);
            Clear();
        }

        private void Clear()
        {
            while (_idle.TryPop(out var engine)) engine.Dispose();
        }
    }

    /// <summary>Wraps the model for an engine: ML.NET's engine disposes its transformer, but does not own this one.</summary>
    private sealed class BorrowedTransformer(ITransformer transformer) : ITransformer
    {
        bool ITransformer.IsRowToRowMapper => transformer.IsRowToRowMapper;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transformer.GetOutputSchema(inputSchema);

        public IDataView Transform(IDataView input) => transformer.Transform(input);

        IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => transformer.GetRowToRowMapper(inputSchema);

        void ICanSaveModel.Save(ModelSaveContext context) => transformer.Save(context);
    }
}
