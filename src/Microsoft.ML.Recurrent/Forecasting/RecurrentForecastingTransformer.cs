using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentForecastingTransformer), null, typeof(SignatureLoadModel), "Recurrent forecaster",
    RecurrentForecastingTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores a recurrent forecaster in a pipeline: adds the forecasts, <c>Vector&lt;Single, horizon&gt;</c> (step by step for several targets) and, if requested,
/// lower and upper bounds.
/// </summary>
/// <remarks>
/// For rows of series, the forecasts of a row use the rows of its series up to it. Rows keep their order, which must be the time order within each series. Rows
/// with less than a window of history (or with NaN in it) have NaN forecasts. If the model has future covariates (<c>FutureCovariateColumnNames</c>), the
/// forecasts of a row use their values in the rows of the horizon; after the last observation, add rows with NaN targets. Rows without a full horizon of future
/// covariates have NaN forecasts. A model that carries its state (<see cref="DecodingOptions.Stateful"/>) reads each row once, from the state after all rows of
/// the series before it: give it all rows of a series, and not its last window alone.
/// </remarks>
public sealed class RecurrentForecastingTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentForecasting";

    private const string StateEntry = "series.bin";

    // From this version on, the SHA-256 of the state stands beside it, that of no bytes where there is none.
    private const uint WithDigest = 0x00010002;

    internal RecurrentForecastingTransformer(IHostEnvironment environment, RecurrentModel model, SeriesState? state = null)
        : base(environment, model) => State = state;

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentForecastingTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
        try
        {
            var written = context.Header.ModelVerWritten >= WithDigest ? context.Reader.ReadBytes(SHA256.HashSizeInBytes) : null;
            byte[]? state = null;
            context.TryLoadBinaryStream(StateEntry, reader => state = reader.BaseStream.ReadAll());
            if (written is not null && !written.AsSpan().SequenceEqual(SHA256.HashData(state ?? [])))
                throw new InvalidDataException(state is null ? $"The entry {StateEntry}, the state of its series, is missing."
                    : $"The entry {StateEntry}, the state of its series, is not the one that was written.");
            if (state is not null) State = SeriesState.Load(new BinaryReader(new MemoryStream(state)), Model);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw Host.Process(new FormatException($"The model file is corrupt or truncated: {error.Message} Load an intact copy of the file.", error));
        }
    }

    /// <summary>The state of an engine at its checkpoint; null for a newly trained model.</summary>
    internal SeriesState? State { get; private set; }

    /// <summary>A pipeline whose forecasts are to be read in Double: with Double columns, if it ends in a forecaster that computes them so.</summary>
    internal static ITransformer InDouble(ITransformer transformer)
    {
        ITransformer[] chain = [.. Flatten(transformer)];
        if (chain[^1] is not RecurrentForecastingTransformer { Model.Manifest: { Forecast.HasDoubleColumns: false } manifest } forecaster
            || manifest.Outputs[0].Kind is not OutputKind.Double) return transformer;
        var doubles = forecaster.Model.With(manifest with { Forecast = manifest.Forecast with { HasDoubleColumns = true } });
        chain[^1] = new RecurrentForecastingTransformer(forecaster.Host, doubles, forecaster.State) { Scoring = forecaster.Scoring };
        return chain.Length == 1 ? chain[0] : new TransformerChain<ITransformer>(chain);
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRFCST", verWrittenCur: WithDigest, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentForecastingTransformer).Assembly.FullName);

    private protected override void SaveState(ModelSaveContext context)
    {
        using var bytes = new MemoryStream();
        if (State is { } state)
        {
            using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true)) state.Save(writer);
            context.SaveBinaryStream(StateEntry, writer => bytes.WriteTo(writer.BaseStream));
        }
        // *** Binary format ***
        // bytes[32]: the SHA-256 of the entry of the state
        context.Writer.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
    }
}
