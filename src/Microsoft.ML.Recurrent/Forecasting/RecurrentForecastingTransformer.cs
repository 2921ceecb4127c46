using Microsoft.ML;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentForecastingTransformer), null, typeof(SignatureLoadModel), "Recurrent forecaster",
    RecurrentForecastingTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A recurrent forecaster in a pipeline: adds the forecasts, <c>Vector&lt;Single, horizon&gt;</c> (of several targets step by step), and, where asked for,
/// lower and upper bounds.
/// </summary>
/// <remarks>
/// Where rows are series, a row's forecasts are made from the rows up to it of its own series; rows keep their order, and rows with less than a window of
/// history (or with NaN in it) hold NaN. Rows must come in time order within each series. Where the model has columns that are known ahead
/// (<c>FutureCovariateColumnNames</c>), a row's forecasts use their values in the horizon's rows, which are there as rows whose targets are NaN beyond the last
/// observation; rows without a whole horizon of them hold NaN.
/// </remarks>
public sealed class RecurrentForecastingTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentForecasting";

    private const string StateEntry = "series.bin";

    internal RecurrentForecastingTransformer(IHostEnvironment environment, RecurrentModel model, SeriesState? state = null)
        : base(environment, model) => State = state;

    // ML.NET's catalogue calls it when a model is loaded.
    private RecurrentForecastingTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
        try
        {
            context.TryLoadBinaryStream(StateEntry, reader => State = SeriesState.Load(reader, Model.Manifest));
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw Host.Process(new FormatException($"The model file is damaged or cut off: {error.Message} Load an intact copy of the file.", error));
        }
    }

    /// <summary>What an engine had observed when it wrote a checkpoint; null for a model that was just trained.</summary>
    internal SeriesState? State { get; private set; }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRFCST", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentForecastingTransformer).Assembly.FullName);

    private protected override void SaveState(ModelSaveContext context)
    {
        if (State is { } state) context.SaveBinaryStream(StateEntry, state.Save);
    }
}
