using System.Collections.Concurrent;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Single predictions from any number of threads: a pool of prediction engines, which are not thread-safe themselves, upon one model. Made for servers:
/// register it as a singleton.
/// <code>
/// builder.Services.AddSingleton(mlContext.Model.CreatePredictionPool&lt;Input, Output&gt;(model));
/// app.MapPost("/predict", (Input input, PredictionPool&lt;Input, Output&gt; pool) =&gt; pool.Predict(input));
/// </code>
/// </summary>
/// <remarks>
/// An engine is made when all others are busy, and kept for later. All of them share the model's one session of ONNX Runtime. The model stays the caller's: the
/// pool does not dispose of it.
/// </remarks>
/// <typeparam name="TSource">The class of examples.</typeparam>
/// <typeparam name="TResult">The class of predictions.</typeparam>
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

    /// <summary>Predicts one example; a new object each time.</summary>
    /// <param name="example">The example.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed of.</exception>
    public TResult Predict(TSource example)
    {
        var result = new TResult();
        Predict(example, ref result);
        return result;
    }

    /// <summary>Predicts one example into an object of the caller's.</summary>
    /// <param name="example">The example.</param>
    /// <param name="result">The object to fill; one is made where it is null.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed of.</exception>
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
    /// Takes another model, at once and for all predictions that begin from now on; those that run end with the old one. Where it does not fit the classes, the
    /// old one stays.
    /// </summary>
    /// <param name="transformer">The model: a transformer, or a chain of them.</param>
    public void Replace(ITransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        Interlocked.Exchange(ref _generation, new(transformer, _create)).Close();
    }

    /// <summary>Ends the engines. Predictions that run end as they should; the model is left alone.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Volatile.Read(ref _generation).Close();
    }

    /// <summary>The engines of one model.</summary>
    private sealed class Generation
    {
        private readonly ConcurrentStack<PredictionEngine<TSource, TResult>> _idle = [];
        private readonly Func<ITransformer, PredictionEngine<TSource, TResult>> _create;
        private readonly BorrowedTransformer _transformer;
        private bool _closed;

        public Generation(ITransformer transformer, Func<ITransformer, PredictionEngine<TSource, TResult>> create)
        {
            (_transformer, _create) = (new(transformer), create);
            // Now, so that a model that does not fit the classes is an error here and not at the first request.
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

    /// <summary>The model as an engine sees it: ML.NET's engine disposes of the transformer that it was given, but this one is not the engine's.</summary>
    private sealed class BorrowedTransformer(ITransformer transformer) : ITransformer
    {
        bool ITransformer.IsRowToRowMapper => transformer.IsRowToRowMapper;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transformer.GetOutputSchema(inputSchema);

        public IDataView Transform(IDataView input) => transformer.Transform(input);

        IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => transformer.GetRowToRowMapper(inputSchema);

        void ICanSaveModel.Save(ModelSaveContext context) => transformer.Save(context);
    }
}
