using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>Creates ONNX Runtime sessions, and turns failures into messages that say what to do.</summary>
internal static class SessionFactory
{
    /// <param name="file">The model.</param>
    /// <param name="options">The scoring options.</param>
    /// <param name="shapesVary">Whether the input shapes change from run to run.</param>
    /// <param name="log">The log that the session writes to; null for the standard error stream.</param>
    /// <param name="fallback">Why the CPU replaces the requested device; null if it does not.</param>
    public static InferenceSession Create(ModelBytes file, ScoringOptions options, bool shapesVary, RuntimeLog? log, out string? fallback)
    {
        fallback = null;
        try
        {
            RuntimeTelemetry.SwitchOff();
            if (options.GpuDeviceId is int device)
            {
                try
                {
                    return OnDevice(file, options, shapesVary, log, device);
                }
                catch (ScoringDeviceException error) when (options.FallbackToCpu)
                {
                    fallback = error.Message;
                }
            }
            using var settings = Settings(options, shapesVary);
            log?.Attach(settings);
            return Open(file, settings);
        }
        catch (Exception error) when (IsMissingRuntime(error))
        {
            throw new InvalidOperationException(
                "ONNX Runtime's native library could not be loaded. Add the package Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu for CUDA) " +
                "to the program that scores the model.", error);
        }
    }

    private static InferenceSession OnDevice(ModelBytes file, ScoringOptions options, bool shapesVary, RuntimeLog? log, int device)
    {
        using var settings = Settings(options, shapesVary);
        log?.Attach(settings);
        CudaProvider.Append(settings, device);
        try
        {
            return Open(file, settings);
        }
        catch (OnnxRuntimeException error)
        {
            throw new ScoringDeviceException(CudaProvider.Explain(error.Message), error);
        }
    }

    private static InferenceSession Open(ModelBytes file, SessionOptions settings)
    {
        if (!file.HasWeightsApart)
        {
            // Usually the whole array; a part of one is copied.
            return new(MemoryMarshal.TryGetArray(file.Graph, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
                ? segment.Array
                : file.Graph.ToArray(), settings);
        }
        // Too large for one array: ONNX Runtime reads it from files.
        var folder = Directory.CreateTempSubdirectory("recurrent-model-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            file.Write(path);
            return new(path, settings);
        }
        finally
        {
            Remove(folder);
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Windows cannot delete files that a session has mapped; they stay in the temporary folder.
        }
    }

    private static SessionOptions Settings(ScoringOptions options, bool shapesVary) =>
        Settings(options, shapesVary, Environment.ProcessorCount, Processors.OfMachine());

    /// <summary>A session's options on a machine of so many processors, where the process may use some of them.</summary>
    internal static SessionOptions Settings(ScoringOptions options, bool shapesVary, int allowed, int? machine)
    {
        var settings = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = options.GraphOptimization,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            // Memory plans are cached per shape: they would accumulate with varying lengths.
            EnableMemoryPattern = !shapesVary,
        };
        if ((options.NumberOfThreads ?? Processors.Limit(allowed, machine)) is int threads) settings.IntraOpNumThreads = threads;
        if (!options.AllowSpinning) settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return settings;
    }

    private static bool IsMissingRuntime(Exception error) => error is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException
        || error is TypeInitializationException && error.InnerException is { } inner && IsMissingRuntime(inner);
}
