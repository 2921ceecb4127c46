using TimeZoneConverter;

namespace Microsoft.ML.Recurrent.Time;

/// <summary>Local times of a zone and the instants (times in UTC) by which rows are ordered. Without a zone both are the same.</summary>
internal static class LocalTime
{
    /// <summary>Finds a zone by its IANA or Windows id, on every system and without its culture data.</summary>
    /// <param name="id">The id; null for none.</param>
    /// <param name="option">The option that names it.</param>
    /// <exception cref="ArgumentException">There is no such zone, or the system has no data of it.</exception>
    public static TimeZoneInfo? Find(string? id, string option) => id is null ? null : TZConvert.TryGetTimeZoneInfo(id, out var zone)
        ? zone
        : throw new ArgumentException($"The option {option} names the time zone '{id}', which is not known: name one by its IANA or Windows id, such as "
            + "Europe/Berlin or W. Europe Standard Time (if this is one, install the system's time zone data).", option);

    /// <summary>The local time of an instant.</summary>
    public static DateTime FromInstant(DateTime instant, TimeZoneInfo? zone) =>
        zone is null ? instant : DateTime.SpecifyKind(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(instant, DateTimeKind.Utc), zone), default);

    /// <summary>
    /// The instant of a local time: the first of two where the clock goes back, and as long after the change as the clock is set forward where it leaves the
    /// time out.
    /// </summary>
    public static DateTime ToInstant(DateTime local, TimeZoneInfo? zone) => zone is null ? local : local - OffsetOf(local, zone);

    /// <summary>The second instant of a local time that comes twice; null for any other.</summary>
    public static DateTime? SecondInstant(DateTime local, TimeZoneInfo zone) =>
        zone.IsAmbiguousTime(local) ? local - zone.GetAmbiguousTimeOffsets(local).Min() : null;

    private static TimeSpan OffsetOf(DateTime local, TimeZoneInfo zone) =>
        zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
}
