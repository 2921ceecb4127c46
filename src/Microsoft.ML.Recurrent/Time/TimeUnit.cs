namespace Microsoft.ML.Recurrent;

/// <summary>The unit of a <see cref="TimeFrequency"/>.</summary>
public enum TimeUnit
{
    /// <summary>Seconds.</summary>
    Second,

    /// <summary>Minutes.</summary>
    Minute,

    /// <summary>Hours.</summary>
    Hour,

    /// <summary>Days.</summary>
    Day,

    /// <summary>Days from Monday to Friday.</summary>
    BusinessDay,

    /// <summary>Weeks.</summary>
    Week,

    /// <summary>Calendar months.</summary>
    Month,

    /// <summary>Calendar years.</summary>
    Year,

    /// <summary>Milliseconds.</summary>
    Millisecond,
}
