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
    /// Inputs and outputs are bound by name if all columns have the names of the model's inputs (outputs), else by position. The batch axis of an input is
    /// found from the axis names, from which sizes are dynamic, and from the size of the column. Columns of any numeric type are converted to the type of the
    /// input; key values count from 1. Each added column is a vector of <c>Single</c>, or of <c>Int64</c> for integer outputs. Its size varies if the model has
    /// an output per step and the number of steps varies. Rows of different length share a batch only if the model takes their lengths.
    /// <code>var pipeline = mlContext.Transforms.ApplyRecurrentOnnx(["y"], ["x"], "pytorch.onnx");</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnNames">The columns to add.</param>
    /// <param name="inputColumnNames">The input columns of the model.</param>
    /// <param name="modelFile">The path of the ONNX file; external weight files beside it are read too.</param>
    /// <param name="lengthColumnName">For a model with an input for sequence lengths: the column that feeds it. If the data lack this column, the lengths of
    /// the sequences are used. Null for a model without such an input.</param>
    /// <param name="batchSize">Maximum number of rows per run. A model exported with a fixed batch size runs with that size.</param>
    /// <param name="gpuDeviceId">The CUDA device to score on; null for the CPU.</param>
    /// <param name="fallbackToCpu">Whether to score on the CPU, instead of throwing, if the device cannot be used.</param>
    /// <exception cref="ArgumentException">An argument is missing or out of range; the message names it.</exception>
    /// <exception cref="FileNotFoundException">The model file does not exist.</exception>
    public static RecurrentOnnxEstimator ApplyRecurrentOnnx(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames,
        string modelFile, string? lengthColumnName = null,
        int batchSize = ScoringOptions.DefaultBatchSize, int? gpuDeviceId = null, bool fallbackToCpu = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), outputColumnNames, inputColumnNames, modelFile, lengthColumnName,
            new ScoringOptions { BatchSize = batchSize, GpuDeviceId = gpuDeviceId, FallbackToCpu = fallbackToCpu });
    }
}
