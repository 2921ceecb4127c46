namespace Microsoft.ML.Recurrent;

/// <summary>
/// Each row holds one window and the steps that follow it:
/// <c>Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Next", WindowSize = 12 }</c>. Rows are independent, so PredictionEngine
/// and cross-validation work. <c>mlContext.Data.CreateWindows</c> makes such rows.
/// </summary>
// The rows hold windows of one size.
[NotSearched(nameof(WindowSize))]
public sealed class WindowInputOptions : ForecastInputOptions
{
    /// <summary>The column of the steps that follow the window, <c>Vector&lt;Single, horizon&gt;</c>. Has to be set.</summary>
    public string LabelColumnName { get; set; } = "";

    internal override string TargetColumn => LabelColumnName;

    internal override void Check()
    {
        base.Check();
        new OptionChecks(Group).Column(LabelColumnName);
    }
}
