namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Writes further files of a run beside its model.</summary>
internal interface IRunWriter
{
    /// <summary>Writes the files.</summary>
    /// <param name="result">The run.</param>
    /// <param name="folder">The folder in which it writes; the model and the configuration are there.</param>
    void Write(RunResult result, RunFolder folder);
}
