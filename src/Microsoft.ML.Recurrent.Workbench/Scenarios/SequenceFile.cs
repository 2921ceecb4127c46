namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>Files of sequences by their extensions.</summary>
internal static class SequenceFile
{
    private static readonly Dictionary<string, (string Name, Func<MLContext, string, IDataView> Open)> s_loaders = new(StringComparer.OrdinalIgnoreCase)
    {
        [".ts"] = (nameof(SequenceFileCatalog.LoadFromTsFile), static (mlContext, path) => mlContext.Data.LoadFromTsFile(path)),
        [".arff"] = (nameof(SequenceFileCatalog.LoadFromArffFile), static (mlContext, path) => mlContext.Data.LoadFromArffFile(path)),
        [".tsf"] = (nameof(SequenceFileCatalog.LoadFromTsfFile), static (mlContext, path) => mlContext.Data.LoadFromTsfFile(path)),
        [".conll"] = (nameof(SequenceFileCatalog.LoadFromConllFile), static (mlContext, path) => mlContext.Data.LoadFromConllFile(path)),
        [".bio"] = (nameof(SequenceFileCatalog.LoadFromConllFile), static (mlContext, path) => mlContext.Data.LoadFromConllFile(path)),
        [".iob"] = (nameof(SequenceFileCatalog.LoadFromConllFile), static (mlContext, path) => mlContext.Data.LoadFromConllFile(path)),
        [".conllu"] = (nameof(SequenceFileCatalog.LoadFromConllUFile), static (mlContext, path) => mlContext.Data.LoadFromConllUFile(path)),
        [".txt"] = (nameof(SequenceFileCatalog.LoadFromTextLines), static (mlContext, path) => mlContext.Data.LoadFromTextLines(path)),
    };

    /// <summary>The call that reads such a file; null for a table.</summary>
    public static string? LoaderName(string path) => s_loaders.TryGetValue(Path.GetExtension(path), out var loader) ? loader.Name : null;

    /// <summary>Opens a file of sequences; null for a table.</summary>
    public static IDataView? Open(MLContext mlContext, string path)
    {
        if (!s_loaders.TryGetValue(Path.GetExtension(path), out var loader)) return null;
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.", path);
        try
        {
            return loader.Open(mlContext, path);
        }
        catch (FormatException error)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }
}
