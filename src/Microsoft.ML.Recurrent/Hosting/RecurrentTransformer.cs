using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A trained recurrent model in an ML.NET pipeline: it adds the model's answers as columns, scored in batches by ONNX Runtime. It is saved with the pipeline by
/// <c>mlContext.Model.Save</c> and restored by <c>mlContext.Model.Load</c>. Thread-safe.
/// </summary>
/// <remarks>
/// The session of ONNX Runtime is opened when the first row is scored and shared by all that score the same model. <see cref="Dispose"/> returns this
/// transformer's share; a transformer that something still uses afterwards goes on working.
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

    /// <summary>Loads what <see cref="ICanSaveModel.Save"/> wrote.</summary>
    private protected RecurrentTransformer(IHostEnvironment environment, ModelLoadContext context)
    {
        Host = environment.Register(GetType().Name);
        _environment = EnvironmentSettings.Create(environment);
        context.CheckAtModel(Version);
        Model = ModelStorage.Load(Host, context);
    }

    /// <summary>The trained model: what was learned, the history of its training, and the export to ONNX.</summary>
    public RecurrentModel Model { get; }

    /// <summary>The (first) sequence column that the model reads.</summary>
    public string FeatureColumnName => Model.Manifest.Inputs[0].Name;

    /// <summary>The type of <see cref="FeatureColumnName"/>.</summary>
    public DataViewType FeatureColumnType => Model.Manifest.Inputs[0] switch
    {
        { Kind: InputKind.Tokens } tokens =>
            new VectorDataViewType(new KeyDataViewType(typeof(uint), tokens.Vocabulary - tokens.ExtraTokens - 1), tokens.Time ?? 0),
        // Rows that are series hold one step each.
        var step when !IsRowWise => step.Features == 1 ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, step.Features),
        var sequence => new VectorDataViewType(NumberDataViewType.Single, sequence.Time ?? 0, sequence.Features),
    };

    /// <summary>
    /// How ONNX Runtime scores: batch size, threads, device (where none is given here, <c>MLContext.GpuDeviceId</c>). Not part of a saved model: a loaded
    /// transformer has the defaults. Holds for cursors and engines that score from now on.
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

    /// <summary>Whether a row's answer depends on that row alone. Otherwise rows are read in order, by one cursor, and cannot be scored one by one.</summary>
    internal bool IsRowWise => Task.IsRowWise(Model.Manifest);

    /// <summary>What the model is for.</summary>
    internal RecurrentTask Task => RecurrentTask.Find(Model.Manifest);

    internal IHost Host { get; }

    /// <summary>How the model file names this component: its signature, version and assembly.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>
    /// The schema of what <see cref="Transform"/> returns: the input's columns and the model's answers, annotated as ML.NET's own predictors annotate theirs.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A column that the model reads is missing or of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoringMapping(this, inputSchema).OutputSchema;
    }

    /// <summary>
    /// The same rows in the same order with the model's answers as further columns, scored in batches when they are read. A row without an answer holds NaN.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A column that the model reads is missing or of another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ScoredDataView(input, new(this, input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        if (!IsRowWise)
            throw new InvalidOperationException(
                $"The answers of {GetType().Name} depend on the rows before, so rows cannot be scored one by one: use Transform, or mlContext.Forecasting's "
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

    /// <summary>Saves what the transformer holds beside the model.</summary>
    private protected virtual void SaveState(ModelSaveContext context)
    {
    }

    /// <summary>Returns this transformer's share in the session of ONNX Runtime. Cursors and engines that are still in use go on working.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Interlocked.Exchange(ref _spare, null)?.Dispose();
        // The scorer stays: an engine that still uses this transformer takes a share anew through it.
        Volatile.Read(ref _scorer)?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A scorer for one cursor, with a share in the session of its own, and a batch for it; to be returned by <see cref="ReturnScorer"/>.</summary>
    /// <param name="rows">Rows to come, where that is known: a few need no buffers for many.</param>
    internal (GraphScorer Scorer, ScoringBatch Batch) RentScorer(long? rows)
    {
        // The transformer's own share keeps the session open between cursors.
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
        // The buffers of the cursor that was closed last serve the next one.
        var unused = batch.Capacity < scorer.BatchCapacity || Volatile.Read(ref _disposed) ? batch : Interlocked.Exchange(ref _spare, batch);
        unused?.Dispose();
        scorer.Dispose();
    }

    /// <summary>Scores a batch now.</summary>
    internal void Score(ScoringBatch batch) => OwnScorer().Run(batch);

    /// <summary>Writes the model as nodes of a pipeline that ML.NET exports by <c>ConvertToOnnx</c>.</summary>
    internal virtual void SaveAsOnnx(OnnxContext context, ScoringMapping mapping) => PipelineOnnx.Write(context, mapping);

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
                channel.Warning(MessageSensitivity.None, $"{reason} The model is scored on the CPU instead.");
            }
            return _scorer = scorer;
        }
    }

    /// <summary>The caller's own options come first; a device that is chosen for the whole MLContext comes next.</summary>
    internal ScoringOptions EffectiveScoring => _scoring.GpuDeviceId is null && _environment.GpuDeviceId is { } device
        ? _scoring with { GpuDeviceId = device, FallbackToCpu = _scoring.FallbackToCpu || _environment.FallbackToCpu }
        : _scoring;
}
