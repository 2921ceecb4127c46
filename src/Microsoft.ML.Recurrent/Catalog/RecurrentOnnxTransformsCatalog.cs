using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Adds scoring of ONNX models of other frameworks to <c>mlContext.Transforms</c>.</summary>
public static class RecurrentOnnxTransformsCatalog
{
    /// <summary>
    /// Scores an ONNX model of another framework (PyTorch, Keras, ...) on sequence columns, in batches (ML.NET's ApplyOnnxModel scores one row at a time). The
    /// graph may use recurrent nodes or loops.
    /// </summary>
    /// <remarks>
    /// Columns with the names of inputs (outputs) of the model are bound to them, all others in order to those that are left; inputs that the outputs do not
    /// need may be left out. Which axis of an input is the batch and which the time follows from the recurrent node that it leads to, then from the names of
    /// the axes, then from which sizes are dynamic and from the size of the column; where two readings fit, an error offers both, and
    /// <see cref="RecurrentOnnxOptions.TimeAxes"/> names the axis. The numbers of a row are in the order of the input's axes without the batch; a column that
    /// is declared with the two sizes the other way round is transposed. Columns of any numeric type are converted to the type of the input; key values count
    /// from 1. An output of one number per row becomes a column of <c>Single</c>, <c>Int64</c> or <c>Boolean</c>, or of keys for the labels of a model
    /// exported by this library; any other output becomes a vector, whose size varies if the model has an output per step and the number of steps varies. Rows
    /// of different length share a batch only if the model takes their lengths. An input without a batch axis takes one value for all rows of a run: runs are
    /// cut where the rows of its column differ.
    /// <code>var pipeline = mlContext.Transforms.ApplyRecurrentOnnx(["y"], ["x"], "pytorch.onnx");</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnNames">The columns to add.</param>
    /// <param name="inputColumnNames">The input columns of the model.</param>
    /// <param name="modelFile">The path of the ONNX file; external weight files beside it are read too.</param>
    /// <param name="lengthColumnName">For a model with an input for sequence lengths: the column that feeds it, or the name of that input for the lengths of
    /// the sequences themselves, which are also used where it is null.</param>
    /// <param name="batchSize">Maximum number of rows per run. A model exported with a fixed batch size runs with that size.</param>
    /// <param name="gpuDeviceId">The CUDA device to score on; null for the CPU.</param>
    /// <param name="fallbackToCpu">Whether to score on the CPU, instead of throwing, if the device cannot be used.</param>
    /// <param name="constants">Values by input, the same for all rows, as <see cref="RecurrentOnnxOptions.Constants"/>; null for none.</param>
    /// <exception cref="ArgumentException">An argument is missing or out of range; the message names it.</exception>
    /// <exception cref="FileNotFoundException">The model file does not exist.</exception>
    public static RecurrentOnnxEstimator ApplyRecurrentOnnx(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames,
        string modelFile, string? lengthColumnName = null,
        int batchSize = ScoringOptions.DefaultBatchSize, int? gpuDeviceId = null, bool fallbackToCpu = false, Dictionary<string, object>? constants = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(outputColumnNames);
        ArgumentNullException.ThrowIfNull(inputColumnNames);
        return new(CatalogUtils.GetEnvironment(catalog), new()
        {
            OutputColumnNames = outputColumnNames,
            InputColumnNames = inputColumnNames,
            ModelFile = modelFile,
            LengthColumnName = lengthColumnName,
            Scoring = new() { BatchSize = batchSize, GpuDeviceId = gpuDeviceId, FallbackToCpu = fallbackToCpu },
            Constants = constants ?? [],
        });
    }

    /// <inheritdoc cref="ApplyRecurrentOnnx(TransformsCatalog, string[], string[], string, string?, int, int?, bool, Dictionary{string, object}?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The file, the columns, and what the graph does not tell.</param>
    public static RecurrentOnnxEstimator ApplyRecurrentOnnx(this TransformsCatalog catalog, RecurrentOnnxOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }
}
