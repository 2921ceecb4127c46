using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Scoring.Managed;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A trained recurrent model in an ML.NET pipeline: adds the outputs of the model as columns, scored in batches. Save it with the pipeline by
/// <c>mlContext.Model.Save</c> and load it by <c>mlContext.Model.Load</c>. Thread-safe.
/// </summary>
/// <remarks>
/// The ONNX Runtime session is created when the first row is scored, and shared by all scorers of the same model. <see cref="Dispose"/> releases it, and the
/// transformer no longer scores. A PredictionEngine disposes of the transformer it was created from, unless
/// <see cref="PredictionEngineOptions.OwnsTransformer"/> is false.
/// </remarks>
public abstract class RecurrentTransformer : ISingleFeaturePredictionTransformer<RecurrentModel>, IDisposable
{
    // Reading rows takes so much of the time that more runs at once would wait for it.
    private const int MaximumRuns = 16;

    private readonly Lock _gate = new();
    private readonly EnvironmentSettings _environment;
    private ScoringOptions _scoring = ScoringOptions.Default;
    // For single batches, and for cursors that score several batches at once.
    private GraphScorer? _scorer, _parallelScorer;
    private Lazy<(ScoringNetwork? Network, string? Refusal)> _network;
    private ScoringBatch[]? _spare;
    private bool _disposed;
    private int _said;
    private long _runs;

    private protected RecurrentTransformer(IHostEnvironment environment, RecurrentModel model, ScoringOptions? scoring = null)
    {
        Host = environment.Register(GetType().Name);
        _environment = EnvironmentSettings.Create(environment);
        Model = model;
        _network = Network();
        _scoring = (scoring ?? ScoringOptions.Default).Checked();
    }

    /// <summary>Loads the transformer from what <see cref="ICanSaveModel.Save"/> wrote.</summary>
    private protected RecurrentTransformer(IHostEnvironment environment, ModelLoadContext context)
    {
        Host = environment.Register(GetType().Name);
        _environment = EnvironmentSettings.Create(environment);
        context.CheckAtModel(Version);
        Model = ModelStorage.Load(Host, context);
        _network = Network();
    }

    /// <summary>The trained model, with its training history and ONNX export.</summary>
    public RecurrentModel Model { get; }

    /// <summary>The (first) sequence column of the model's input.</summary>
    public string FeatureColumnName => Model.Manifest.Inputs[0].Name;

    /// <summary>The type of <see cref="FeatureColumnName"/>.</summary>
    public DataViewType FeatureColumnType => Model.Manifest.Inputs[0] switch
    {
        { Kind: InputKind.Text } texts => new VectorDataViewType(TextDataViewType.Instance, texts.Features),
        { Kind: InputKind.Tokens, Vocabulary: 0 } or { Kind: InputKind.IntegerSteps } or { Kind: InputKind.Integers } =>
            new VectorDataViewType(NumberDataViewType.Int64),
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
            GraphScorer? old, oldParallel;
            lock (_gate) (_scoring, old, oldParallel, _scorer, _parallelScorer) = (value, _scorer, _parallelScorer, null, null);
            old?.Dispose();
            oldParallel?.Dispose();
            ReleaseTask();
        }
    }

    // Where ML.NET asks for the mapper of a graph that carries states, the error says what to use instead.
    bool ITransformer.IsRowToRowMapper => IsRowWise || Model.Manifest.IsForeignGraph;

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
                $"The outputs of {GetType().Name} depend on previous rows, so rows cannot be scored one by one: use Transform, or "
                    + $"{(Model.Manifest.IsForeignGraph ? "SequenceStream with its Model" : "mlContext.Forecasting's forecast engine")}.");
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
        Release(Interlocked.Exchange(ref _spare, null));
        _network = Network();
        // The scorer stays: an engine that still uses this transformer leases the session again through it.
        Volatile.Read(ref _scorer)?.Dispose();
        Volatile.Read(ref _parallelScorer)?.Dispose();
        ReleaseTask();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// A scorer for one cursor, with its own lease on the session, its batches, and how many to score at once; return them by <see cref="ReturnScorer"/>.
    /// </summary>
    /// <param name="rows">Number of rows to come, if known, to limit the buffers.</param>
    /// <param name="cursors">Number of cursors that share the processors.</param>
    internal (IBatchScorer Scorer, ScoringBatch[] Batches, int Runs) RentScorer(long? rows, int cursors)
    {
        CheckUsable();
        // The transformer's own lease keeps the session open between cursors.
        var scoring = EffectiveScoring;
        if (TaskScorer(scoring) is { } own) return Rent(own, scoring, rows, cursors);
        var runs = scoring.GpuDeviceId is null ? Math.Min((scoring.NumberOfThreads ?? Environment.ProcessorCount) / cursors, MaximumRuns) : 1;
        // Runs of a model that carries its state wait for each other: rows are read during a run.
        if (Model.Manifest.CarriesState) runs = Math.Min(runs, 2);
        var network = NetworkFor(scoring);
        var capacity = network?.ParallelBatchCapacity(Model, scoring) ?? GraphScorer.ParallelBatchCapacity(Model, scoring);
        // Several runs on one thread each take less time than one run on several threads.
        var isParallel = runs > 1 && !(rows <= capacity);
        var effective = isParallel ? scoring with { NumberOfThreads = 1 } : scoring;
        if (network is null) OwnScorer(isParallel);
        IBatchScorer scorer = network is null ? new GraphScorer(Model, effective) { Said = Report } : new NetworkScorer(Model, network, effective);
        // As many wait, so that no thread does while the cursor's own one scores; one is filled or read.
        if (isParallel) return (scorer, RentBatches(scorer, 2 * runs + 1, capacity), runs);
        return (scorer, rows < scorer.BatchCapacity ? [scorer.CreateBatch(rows)] : RentBatches(scorer, 1, scorer.BatchCapacity), 1);
    }

    // Runs of a task's own scorer take one batch each, on one thread where there are several.
    private (IBatchScorer Scorer, ScoringBatch[] Batches, int Runs) Rent(IBatchScorer scorer, ScoringOptions scoring, long? rows, int cursors)
    {
        var runs = scoring.GpuDeviceId is null ? Math.Min((scoring.NumberOfThreads ?? Environment.ProcessorCount) / cursors, MaximumRuns) : 1;
        if (runs < 2 || rows <= scorer.BatchCapacity) return (scorer, [scorer.CreateBatch(rows)], 1);
        scorer.Dispose();
        scorer = TaskScorer(scoring with { NumberOfThreads = 1 })!;
        return (scorer, RentBatches(scorer, 2 * runs + 1, scorer.BatchCapacity), runs);
    }

    /// <summary>A scorer of the task, where an answer takes more than a run of the model's graph; null for such a run. The caller disposes of it.</summary>
    private protected virtual IBatchScorer? TaskScorer(ScoringOptions scoring) => null;

    /// <summary>Releases the sessions that the task keeps open between two scorers.</summary>
    private protected virtual void ReleaseTask()
    {
    }

    internal void ReturnScorer(IBatchScorer scorer, ScoringBatch[] batches)
    {
        Interlocked.Add(ref _runs, scorer.Runs);
        foreach (var batch in batches) batch.Clear();
        // The buffers of the last closed cursor are reused by the next one.
        var isSmall = batches.Length == 1 && batches[0].Capacity < scorer.BatchCapacity;
        var unused = isSmall || Volatile.Read(ref _disposed) ? batches : Interlocked.Exchange(ref _spare, batches);
        Release(unused);
        scorer.Dispose();
    }

    private ScoringBatch[] RentBatches(IBatchScorer scorer, int count, int capacity)
    {
        if (Interlocked.Exchange(ref _spare, null) is { } spare)
        {
            if (spare.Length == count && spare[0].Capacity == capacity) return spare;
            Release(spare);
        }
        return [.. Enumerable.Range(0, count).Select(_ => scorer.CreateBatch(capacity))];
    }

    private static void Release(ScoringBatch[]? batches)
    {
        foreach (var batch in batches ?? []) batch.Dispose();
    }

    /// <summary>Scores a batch now.</summary>
    internal void Score(ScoringBatch batch)
    {
        var scoring = EffectiveScoring;
        if (TaskScorer(scoring) is { } own)
        {
            using (own) own.Run(batch);
            return;
        }
        // Engines share the session of the graph unless the kernels are asked for.
        if (scoring.Backend is ScoringBackend.Managed && NetworkFor(scoring) is { } network) new NetworkScorer(Model, network, scoring).Run(batch);
        else OwnScorer().Run(batch);
    }

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

    /// <summary>Says something of scored rows, once.</summary>
    internal void Say(string remark)
    {
        if (Interlocked.Exchange(ref _said, 1) > 0) return;
        using var channel = Host.Start("Scoring");
        channel.Info(MessageSensitivity.UserData, remark);
    }

    // What the runtime says goes to the log of the context.
    private void Report(string line)
    {
        using var channel = Host.Start("Scoring");
        channel.Error(MessageSensitivity.All, line);
    }

    private GraphScorer OwnScorer(bool isParallel = false)
    {
        ref var own = ref isParallel ? ref _parallelScorer : ref _scorer;
        if (Volatile.Read(ref own) is { } scorer) return scorer;
        lock (_gate)
        {
            if (own is not null) return own;
            scorer = new(Model, isParallel ? EffectiveScoring with { NumberOfThreads = 1 } : EffectiveScoring) { Said = Report };
            if (scorer.Fallback is { } reason) WarnOfCpu(reason);
            return own = scorer;
        }
    }

    private protected void WarnOfCpu(string reason)
    {
        using var channel = Host.Start("Scoring");
        GivenWarnings.Current.Give(channel, WarningCode.ScoredOnCpu, $"{reason} The model is scored on the CPU instead.");
    }

    // The network for scoring by the library's own kernels; null to score with ONNX Runtime.
    private ScoringNetwork? NetworkFor(ScoringOptions scoring)
    {
        if (scoring.Backend is ScoringBackend.OnnxRuntime) return null;
        var required = scoring.Backend is ScoringBackend.Managed;
        if (!required && (scoring.GpuDeviceId is not null || !ScoringNetwork.IsFaster)) return null;
        var (network, refusal) = scoring.GpuDeviceId is null ? _network.Value : (null, "they run on the CPU, and a GPU was asked for");
        return network is null && required
            ? throw new NotSupportedException(
                $"{nameof(ScoringOptions)}.{nameof(ScoringOptions.Backend)} is {nameof(ScoringBackend.Managed)}, but the library's own kernels cannot score "
                    + $"this model: {refusal}. Leave it null, or choose {nameof(ScoringBackend.OnnxRuntime)}.")
            : network;
    }

    private Lazy<(ScoringNetwork? Network, string? Refusal)> Network() =>
        new(() => (ScoringNetwork.TryCreate(Model, network => Task.ScoringHead(Model, network), out var refusal), refusal));

    /// <summary>The device of the options takes precedence over that of the MLContext.</summary>
    internal ScoringOptions EffectiveScoring => _environment.Apply(_scoring);
}
