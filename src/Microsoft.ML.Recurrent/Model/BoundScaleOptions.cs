namespace Microsoft.ML.Recurrent.Model;

/// <summary>The learned scale of the bounds of a point forecaster, saved in the manifest.</summary>
/// <param name="Lag">Steps from one value to the next of the same season; 0 for no season.</param>
/// <param name="FutureFeatures">The first numbers of a future step that the scale depends on; 0 for none.</param>
internal sealed record BoundScaleOptions(int Lag, int FutureFeatures)
{
    /// <summary>Whether the scale depends on the distance of the forecast from the mean of the window; not in models of earlier builds.</summary>
    public bool HasDistance { get; init; }
}
