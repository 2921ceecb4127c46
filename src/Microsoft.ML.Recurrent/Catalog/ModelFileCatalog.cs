using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Saves and loads model files so that a killed process, a full disk or a damaged file loses nothing unnoticed.</summary>
public static class ModelFileCatalog
{
    /// <summary>
    /// Saves any transformer like <see cref="ModelOperationsCatalog.Save(ITransformer, DataViewSchema, string)"/>, but to a temporary file beside the path,
    /// which then takes the path's place. If the process is killed or the disk is full, an existing file stays as it was; ML.NET's own method cuts it first.
    /// </summary>
    /// <param name="catalog">The catalog <c>mlContext.Model</c>.</param>
    /// <param name="model">The transformer, or a pipeline of them.</param>
    /// <param name="inputSchema">The schema of its input; null for none.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file could not be written.</exception>
    public static void SaveAtomically(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, stream => catalog.Save(model, inputSchema, stream));
    }

    /// <summary>
    /// Loads a model file like <see cref="ModelOperationsCatalog.Load(string, out DataViewSchema)"/>. The error of a file that is cut or damaged names the
    /// file.
    /// </summary>
    /// <param name="catalog">The catalog <c>mlContext.Model</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The schema with which it was saved; null for none.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is no model of ML.NET, or is damaged.</exception>
    public static ITransformer LoadFile(this ModelOperationsCatalog catalog, string path, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return catalog.Load(stream, out inputSchema);
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new InvalidDataException(
                $"The model file '{path}' ({stream.Length:N0} bytes) cannot be read: {error.GetBaseException().Message} Load an intact "
                + "copy of it, or train and save the model again.", error);
        }
    }
}
