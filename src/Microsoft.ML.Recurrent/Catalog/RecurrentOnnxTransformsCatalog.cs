using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>ONNX models of other frameworks in <c>mlContext.Transforms</c>.</summary>
public static class RecurrentOnnxTransformsCatalog
{
    /// <summary>
    /// Scores an ONNX model of another framework (PyTorch, Keras, ...) on sequence columns, in batches: ML.NET's own ApplyOnnxModel scores one row at a time.
    /// Graphs that name their recurrent cells and graphs that write them out as loops will do.
    /// </summary>
    /// <remarks>
    /// Inputs and outputs are bound by name where all columns are called like the model's inputs (outputs), else by position. Which axis of an input is the
    /// batch's follows from the axes' names, from which sizes are open, and from the column's own size. Columns of any numeric type are converted to what the
    /// model takes; a key's value counts from 1. Each added column is a vector of <c>Single</c>, or of <c>Int64</c> where the model answers with whole numbers.
    /// Where the model answers at every step and steps vary, so does the vector. Rows of different length run together only if the model takes their lengths.
    /// <code>var pipeline = mlContext.Transforms.ApplyRecurrentOnnx(["y"], ["x"], "pytorch.onnx");</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnNames">The columns to add.</param>
    /// <param name="inputColumnNames">The columns that the model takes.</param>
    /// <param name="modelFile">The ONNX file; weights that it keeps in files beside it are read too.</param>
    /// <param name="lengthColumnName">Of a model that takes the rows' true numbers of steps: the column that holds them. Where the data has no such column, the
    /// lengths of the sequences themselves are given.</param>
    /// <param name="batchSize">Rows that one run scores at the most. A model that was exported for a fixed number of rows runs with that.</param>
    /// <param name="gpuDeviceId">The CUDA device to score on; null for the CPU.</param>
    /// <param name="fallbackToCpu">Whether to score on the CPU where that device cannot be used, instead of failing.</param>
    /// <exception cref="ArgumentException">An argument is missing or out of range; the message names it.</exception>
    /// <exception cref="FileNotFoundException">The model's file is not there.</exception>
    public static RecurrentOnnxEstimator ApplyRecurrentOnnx(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames,
        string modelFile, string? lengthColumnName = null,
        int batchSize = ScoringOptions.DefaultBatchSize, int? gpuDeviceId = null, bool fallbackToCpu = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), outputColumnNames, inputColumnNames, modelFile, lengthColumnName,
            new ScoringOptions { BatchSize = batchSize, GpuDeviceId = gpuDeviceId, FallbackToCpu = fallbackToCpu });
    }
}
