namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>Reads a file of sequences by the library.</summary>
internal sealed class SequenceFileCode(string loader) : LoadingCode
{
    public override IEnumerable<string> Members() =>
    [
        $$"""
        /// <summary>Opens a file of sequences.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="inputDataFilePath">The file.</param>
        public static IDataView LoadIDataViewFromFile(MLContext mlContext, string inputDataFilePath) =>
            mlContext.Data.{{loader}}(inputDataFilePath);
        """,
    ];
}
