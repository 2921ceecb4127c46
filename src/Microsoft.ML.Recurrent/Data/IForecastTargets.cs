namespace Microsoft.ML.Recurrent.Data;

/// <summary>Examples of a forecaster, whose targets can be read as they are in the data: those of a batch may be differences from a level.</summary>
internal interface IForecastTargets : IExampleSource
{
    /// <summary>Reads the targets of the horizon of an example, step by step; NaN where they are missing.</summary>
    void ReadTargets(int example, Span<double> targets);
}
