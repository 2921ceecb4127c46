using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>The layout of a <see cref="HeatMap"/>, in pixels from the top left corner, and the color intensity of each cell.</summary>
internal sealed class HeatMapLayout
{
    /// <summary>Maximum height of all rows together.</summary>
    private const double MaximumPlotHeight = 560, CharacterWidth = 6.6, ScaleWidth = 220;

    private static readonly int[] s_roundSteps = [2, 5, 10, 20, 50, 100, 200, 500, 1000];

    private readonly HeatMap _map;

    public HeatMapLayout(HeatMap map)
    {
        if (map.Values.Length != map.Rows.Length) throw new ArgumentException($"{map.Values.Length} rows of values for {map.Rows.Length} names.", nameof(map));
        if (map.Values.Any(row => row.Length != map.Columns.Length))
            throw new ArgumentException($"Each row needs {map.Columns.Length} values, one per column.", nameof(map));
        _map = map;
        double[] sizes = [.. map.Values.SelectMany(row => row).Where(double.IsFinite).Select(Math.Abs).Order()];
        // The strongest color is at the 98th percentile, so that a single extreme cell does not make all others pale.
        Strongest = sizes.Length == 0 ? 1 : sizes[Math.Min(sizes.Length - 1, (int)(0.98 * sizes.Length))] is > 0 and double strong ? strong : sizes[^1] > 0
            ? sizes[^1]
            : 1;
        Signed = map.Values.Any(row => row.Any(value => value < 0));
        Left = 34 + map.Rows.Select(name => name.Length).DefaultIfEmpty(0).Max() * CharacterWidth;
        Right = map.Width - 20;
        Top = 72;
        CellHeight = Math.Min(map.RowHeight, MaximumPlotHeight / Math.Max(map.Rows.Length, 1));
        CellWidth = (Right - Left) / Math.Max(map.Columns.Length, 1);
        Bottom = Top + CellHeight * map.Rows.Length;
        Height = Bottom + 48;
    }

    public double Left { get; }

    public double Right { get; }

    public double Top { get; }

    public double Bottom { get; }

    public double Height { get; }

    public double CellWidth { get; }

    public double CellHeight { get; }

    /// <summary>The absolute value of the strongest color.</summary>
    public double Strongest { get; }

    /// <summary>Whether there are negative numbers, which have a different color.</summary>
    public bool Signed { get; }

    public double X(int column) => Left + column * CellWidth;

    public double Y(int row) => Top + row * CellHeight;

    /// <summary>Whether some cells are empty.</summary>
    public bool HasGaps => _map.Values.Any(row => row.Any(value => !double.IsFinite(value)));

    /// <summary>The color intensity of a number, 0 to 1.</summary>
    public double Strength(double value) => Math.Min(1, Math.Abs(value) / Strongest);

    /// <summary>The columns whose names fit, evenly spread.</summary>
    public IEnumerable<int> NamedColumns =>
        Named(_map.Columns, (_map.Columns.Select(name => name.Length).DefaultIfEmpty(0).Max() * CharacterWidth + 12) / CellWidth);

    /// <summary>The rows whose names fit, evenly spread.</summary>
    public IEnumerable<int> NamedRows => Named(_map.Rows, 13 / CellHeight);

    /// <summary>The color scale: position, width and value of each step.</summary>
    public IEnumerable<(double X, double Width, double Value)> Key
    {
        get
        {
            const int Parts = 40;
            double low = Signed ? -Strongest : 0, width = ScaleWidth / Parts;
            for (var i = 0; i < Parts; i++) yield return (KeyLeft + i * width, width, low + (Strongest - low) * (i + 0.5) / Parts);
        }
    }

    public double KeyLeft => Right - ScaleWidth;

    // If names are the whole numbers from 1 on, round ones are shown.
    private static IEnumerable<int> Named(ImmutableArray<string> names, double room)
    {
        var every = Math.Max(1, (int)Math.Ceiling(room));
        var counted = every > 1 && names.Select((name, i) => name == (i + 1).ToString(CultureInfo.InvariantCulture)).All(same => same);
        if (counted) every = Array.Find(s_roundSteps, step => step >= every) is > 0 and int round ? round : every;
        for (var i = 0; i < names.Length; i += every)
        {
            // 1, 10, 20 and not 1, 11, 21.
            yield return counted && i > 0 ? i - 1 : i;
        }
        if (counted && names.Length % every == 0) yield return names.Length - 1;
    }
}
