namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Reads the rows of series for a model that carries its state.</summary>
internal interface IRowReader
{
    /// <summary>Reads the last row of a history, which is new, or has taken the place of the last one.</summary>
    void Read(SeriesHistory history, bool again);
}
