namespace Microsoft.ML.Recurrent;

/// <summary>Days of the week on which a series has rows (<see cref="TimeFrequency.Weekdays"/>).</summary>
[Flags]
public enum Weekdays
{
    /// <summary>No day.</summary>
    None = 0,

    /// <summary>Sundays.</summary>
    Sunday = 1,

    /// <summary>Mondays.</summary>
    Monday = 2,

    /// <summary>Tuesdays.</summary>
    Tuesday = 4,

    /// <summary>Wednesdays.</summary>
    Wednesday = 8,

    /// <summary>Thursdays.</summary>
    Thursday = 16,

    /// <summary>Fridays.</summary>
    Friday = 32,

    /// <summary>Saturdays.</summary>
    Saturday = 64,

    /// <summary>Monday to Friday.</summary>
    MondayToFriday = Monday | Tuesday | Wednesday | Thursday | Friday,

    /// <summary>Every day.</summary>
    All = MondayToFriday | Saturday | Sunday,
}
