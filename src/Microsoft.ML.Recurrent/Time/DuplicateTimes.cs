namespace Microsoft.ML.Recurrent;

/// <summary>What a row means whose time its series has already had.</summary>
public enum DuplicateTimes
{
    /// <summary>
    /// The newer row takes the place of the older one, as where a message is sent again or a value is corrected. A row for an earlier time replaces the one of
    /// that time as long as it lies inside the window; if there is none, the row is refused.
    /// </summary>
    Replace,

    /// <summary>The row is refused.</summary>
    Refuse,

    /// <summary>
    /// The row is a step of its own, as an hour of local times that comes twice in autumn. Rows for earlier times are refused: for shorter steps name the time
    /// zone (<see cref="ForecastFeatureOptions.TimeZone"/>).
    /// </summary>
    Step,
}
