using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Writes further files of a run beside its model.</summary>
internal interface IRunWriter
{
    /// <summary>Writes the files.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="result">The run.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="folder">The folder in which it writes; the model and the configuration are there.</param>
    void Write(MLContext mlContext, RunResult result, TrainingConfig config, RunFolder folder);
}
