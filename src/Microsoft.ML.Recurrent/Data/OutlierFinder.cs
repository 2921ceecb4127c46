using System.Globalization;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Finds up to three values of one column that lie so far from all others that a mean and a deviation say nothing of the others: further than 10,000 times the
/// range of the others. A column whose other values are all equal, such as the indicator of a rare event, has none.
/// </summary>
internal sealed class OutlierFinder
{
    private const int Most = 3, Fewest = 20;
    private const double Ratio = 1e4;

    private readonly (float Value, long Place)[] _high = new (float, long)[Most + 1], _low = new (float, long)[Most + 1];
    private long _count;

    /// <summary>Adds a value. NaN counts as missing.</summary>
    /// <param name="value">The value.</param>
    /// <param name="place">Where it is, in the caller's terms.</param>
    public void Add(float value, long place)
    {
        if (!float.IsFinite(value)) return;
        _count++;
        if (_count <= _high.Length || value > _high[^1].Value) Insert(_high, value, place, 1);
        if (_count <= _low.Length || value < _low[^1].Value) Insert(_low, value, place, -1);
    }

    /// <summary>The value furthest from the others, its place, and the range of the others; null for none.</summary>
    public (float Value, long Place, float Least, float Greatest)? Find()
    {
        if (_count < Fewest) return null;
        for (var left = 1; left <= Most; left++)
        {
            for (var low = 0; low <= left; low++)
            {
                var high = left - low;
                var (least, greatest) = (_low[low].Value, _high[high].Value);
                var far = Ratio * ((double)greatest - least);
                if (far <= 0 || low > 0 && (double)least - _low[low - 1].Value <= far || high > 0 && (double)_high[high - 1].Value - greatest <= far) continue;
                var (value, place) = high > 0 ? _high[0] : _low[0];
                return (value, place, least, greatest);
            }
        }
        return null;
    }

    /// <summary>Describes what was found.</summary>
    /// <param name="column">The column.</param>
    /// <param name="outlier">What <see cref="Find"/> returned.</param>
    /// <param name="place">Where the value is: "row 7".</param>
    /// <param name="origin">What was subtracted from the values.</param>
    public static string Describe(string column, (float Value, long Place, float Least, float Greatest) outlier, string place, float origin = float.NaN)
    {
        return string.Create(CultureInfo.InvariantCulture,
            $"The column '{column}' holds {Whole(outlier.Value)} ({place}), but its other values lie from {Whole(outlier.Least)} to {Whole(outlier.Greatest)}. "
                + $"That value ruins the mean and the deviation by which the column is scaled, so that the others all look alike: correct it, or filter the "
                + $"row.");

        IFormattable Whole(float value) => float.IsNaN(origin) ? value : (IFormattable)((double)origin + value);
    }

    private void Insert((float Value, long Place)[] order, float value, long place, int sign)
    {
        var at = (int)Math.Min(_count, order.Length) - 1;
        for (; at > 0 && sign * order[at - 1].Value < sign * value; at--) order[at] = order[at - 1];
        order[at] = (value, place);
    }
}
