using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A trained recurrent model in an ML.NET pipeline: adds the outputs of the model as columns, scored in batches by ONNX Runtime. Save it with the pipeline by
/// <c>mlContext.Model.Save</c> and load it by <c>mlContext.Model.Load</c>. Thread-safe.
/// </summary>
/// <remarks>
/// The ONNX Runtime session is created when the first row is scored, and shared by all scorers of the same model. <see cref="Dispose"/> releases it, and the
/// transformer no longer scores. A PredictionEngine disposes of the transformer it was created from, unless
/// <see cref="PredictionEngineOptions.OwnsTransformer"/> is false.
/// </remarks>
public abstract class RecurrentTransformer : ISingleFeaturePredictionTransformer<RecurrentModel>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly EnvironmentSettings _environment;
    private ScoringOptions _scoring = ScoringOptions.Default;
    private GraphScorer? _scorer;
    private ScoringBatch? _spare;
    private bool _disposed;
    private long _runs;

    private protected RecurrentTransformer(IHostEnvironment environment, RecurrentModel model, ScoringOptions? scoring = null)
    {
        Host = environment.Register(GetType().Name);
        _environment = EnvironmentSettings.Create(environment);
        Model = model;
        _scoring = (scoring ?? ScoringOptions.Default).Checked();
    }

    /// <summary>Loads the transformer from what <see cref="ICanSaveModel.Save"/> wrote.</summary>
    private protected RecurrentTransformer(IHostEnvironment environment, ModelLoadContext context)
    {
        Host = environment.Register(GetType().Name);
        _environment = EnvironmentSettings.Create(environment);
        context.CheckAtModel(Version);
        Model = ModelStorage.Load(Host, context);
    }

    /// <summary>The trained model, with its training history and ONNX export.</summary>
    public RecurrentModel Model { get; }

    /// <summary>The (first) sequence column of the model's input.</summary>
    public string FeatureColumnName => Model.Manifest.Inputs[0].Name;

    /// <summary>The type of <see cref="FeatureColumnName"/>.</summary>
    public DataViewType FeatureColumnType => Model.Manifest.Inputs[0] switch
    {
        { Kind: InputKind.Tokens } tokens =>
            new VectorDataViewType(new KeyDataViewType(typeof(uint), tokens.Vocabulary - tokens.ExtraTokens - 1), tokens.Time ?? 0),
        // In series data, each row holds one step.
        var step when !IsRowWise => step.Features == 1 ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, step.Features),
        var sequence => new VectorDataViewType(NumberDataViewType.Single, sequence.Time ?? 0, sequence.Features),
    };

    /// <summary>
    /// Scoring options for ONNX Runtime: batch size, threads, device (null for <c>MLContext.GpuDeviceId</c>). Not saved with the model: a loaded transformer
    /// has the defaults. Changes apply to later scoring.
    /// </summary>
    public ScoringOptions Scoring
    {
        get => _scoring;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Checked();
            GraphScorer? old;
            lock (_gate) (_scoring, old, _scorer) = (value, _scorer, null);
            old?.Dispose();
        }
    }

    bool ITransformer.IsRowToRowMapper => IsRowWise;

    /// <summary>
    /// Whether the output of a row depends on that row alone. Otherwise rows are read in order by one cursor and cannot be scored one by one.
    /// </summary>
    internal bool IsRowWise => Task.IsRowWise(Model.Manifest);

    /// <summary>The transformers of a pipeline, which may hold pipelines.</summary>
    internal static IEnumerable<ITransformer> Flatten(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];

    /// <summary>The task of the model.</summary>
    internal RecurrentTask Task => RecurrentTask.Find(Model.Manifest);

    internal IHost Host { get; }

    /// <summary>The version information of this component in the model file: signature, version and assembly.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>
    /// The output schema of <see cref="Transform"/>: the input columns and the outputs of the model, annotated like those of ML.NET's own predictors.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column of the model is missing or of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoringMapping(this, inputSchema).OutputSchema;
    }

    /// <summary>
    /// Adds the outputs of the model as columns; rows and their order stay the same. Rows are scored in batches when they are read. A row without an output has
    /// NaN.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column of the model is missing or of another type.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckUsable();
        return new ScoredDataView(input, new(this, input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        CheckUsable();
        if (!IsRowWise)
            throw new InvalidOperationException(
                $"The outputs of {GetType().Name} depend on previous rows, so rows cannot be scored one by one: use Transform, or mlContext.Forecasting's "
                    + $"forecast engine.");
        return new RowToRowMapperTransform(Host, new EmptyDataView(Host, inputSchema), new ScoringRowMapper(this, inputSchema),
            schema => new ScoringRowMapper(this, schema));
    }

    void ICanSaveModel.Save(ModelSaveContext context)
    {
        context.CheckAtModel();
        context.SetVersionInfo(Version);
        ModelStorage.Save(context, Model);
        SaveState(context);
    }

    /// <summary>Saves the state of the transformer other than the model.</summary>
    private protected virtual void SaveState(ModelSaveContext context)
    {
    }

    /// <summary>Releases the shared ONNX Runtime session. Cursors and engines still in use continue to work.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Interlocked.Exchange(ref _spare, null)?.Dispose();
        // The scorer stays: an engine that still uses this transformer leases the session again through it.
        Volatile.Read(ref _scorer)?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A scorer for one cursor, with its own lease on the session, and a batch; return them by <see cref="ReturnScorer"/>.</summary>
    /// <param name="rows">Number of rows to come, if known, to limit the buffers.</param>
    internal (GraphScorer Scorer, ScoringBatch Batch) RentScorer(long? rows)
    {
        CheckUsable();
        // The transformer's own lease keeps the session open between cursors.
        OwnScorer();
        var scorer = new GraphScorer(Model, EffectiveScoring);
        if (!(rows < scorer.BatchCapacity) && Interlocked.Exchange(ref _spare, null) is { } spare)
        {
            if (spare.Capacity == scorer.BatchCapacity) return (scorer, spare);
            spare.Dispose();
        }
        return (scorer, scorer.CreateBatch(rows));
    }

    internal void ReturnScorer(GraphScorer scorer, ScoringBatch batch)
    {
        Interlocked.Add(ref _runs, scorer.Runs);
        batch.Clear();
        // The buffers of the last closed cursor are reused by the next one.
        var unused = batch.Capacity < scorer.BatchCapacity || Volatile.Read(ref _disposed) ? batch : Interlocked.Exchange(ref _spare, batch);
        unused?.Dispose();
        scorer.Dispose();
    }

    /// <summary>Scores a batch now.</summary>
    internal void Score(ScoringBatch batch) => OwnScorer().Run(batch);

    /// <summary>The error of a row that the graph of another framework refuses.</summary>
    /// <param name="row">The row, in words.</param>
    /// <param name="parameterName">The argument that held the row.</param>
    /// <param name="error">The error of the runtime.</param>
    internal ArgumentException Refused(string row, string parameterName, Exception error) => new(
        $"{row} (the columns '{string.Join("', '", Model.Manifest.Inputs.Select(input => input.Column))}') cannot be scored by the graph: {error.Message}",
        parameterName, error);

    /// <summary>Exports the model as part of a pipeline for ML.NET's <c>ConvertToOnnx</c>.</summary>
    internal virtual void SaveAsOnnx(OnnxContext context, ScoringMapping mapping) => PipelineOnnx.Write(context, mapping);

    private void CheckUsable()
    {
        if (Volatile.Read(ref _disposed))
            throw new ObjectDisposedException(GetType().Name, "The transformer was disposed: load the model again, or dispose of it later. A PredictionEngine "
                + "disposes of the transformer it was created from, unless PredictionEngineOptions.OwnsTransformer is false.");
    }

    private GraphScorer OwnScorer()
    {
        if (Volatile.Read(ref _scorer) is { } scorer) return scorer;
        lock (_gate)
        {
            if (_scorer is not null) return _scorer;
            scorer = new(Model, EffectiveScoring);
            if (scorer.Fallback is { } reason)
            {
                using var channel = Host.Start("Scoring");
                GivenWarnings.Current.Give(channel, WarningCode.ScoredOnCpu, $"{reason} The model is scored on the CPU instead.");
            }
            return _scorer = scorer;
        }
    }

    /// <summary>The device of the options takes precedence over that of the MLContext.</summary>
    internal ScoringOptions EffectiveScoring => _scoring.GpuDeviceId is null && _environment.GpuDeviceId is { } device
        ? _scoring with { GpuDeviceId = device, FallbackToCpu = _scoring.FallbackToCpu || _environment.FallbackToCpu }
        : _scoring;
}
