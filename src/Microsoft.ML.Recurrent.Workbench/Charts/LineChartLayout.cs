using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>The layout of a <see cref="LineChart"/>, in pixels from the top left corner.</summary>
internal sealed class LineChartLayout
{
    private const double CharacterWidth = 7.1, LegendRow = 20, TitleHeight = 34;
    private readonly LineChart _chart;
    private readonly AxisMarks _x, _y;

    public LineChartLayout(LineChart chart)
    {
        _chart = chart;
        Legend = [.. PlaceLegend()];
        Top = TitleHeight + (Legend.Count == 0 ? 0 : Legend[^1].Y + LegendRow) + 8;
        Bottom = chart.Height - (chart.XAxis.Title == "" ? 28 : 48);

        _y = chart.YAxis.Mark(YValues().DefaultIfEmpty(1).Min(), YValues().DefaultIfEmpty(1).Max(), Math.Max(2, (int)((Bottom - Top) / 55)));
        Left = (chart.YAxis.Title == "" ? 12 : 34) + _y.Marks.Max(mark => mark.Label.Length) * CharacterWidth;
        Right = chart.Width - 32;
        _x = chart.XAxis.Mark(XValues().DefaultIfEmpty(0).Min(), XValues().DefaultIfEmpty(1).Max(), Math.Max(2, (int)((Right - Left) / 80)));
    }

    public double Left { get; }

    public double Right { get; }

    public double Top { get; }

    public double Bottom { get; }

    /// <summary>The entries of the legend, each a line, a band or bars, with their positions.</summary>
    public IReadOnlyList<LegendEntry> Legend { get; }

    public IEnumerable<(double At, string Label)> XMarks => _x.Marks.Select(mark => (X(mark.Value), mark.Label));

    public IEnumerable<(double At, string Label)> YMarks => _y.Marks.Select(mark => (Y(mark.Value), mark.Label));

    public static double LegendTop => TitleHeight;

    public double X(double value) => Left + Share(_chart.XAxis, _x, value) * (Right - Left);

    public double Y(double value) => Bottom - Share(_chart.YAxis, _y, value) * (Bottom - Top);

    // The relative position of a value on its axis, from 0 to 1.
    private static double Share(ChartAxis axis, AxisMarks marks, double value) => axis.Kind == AxisKind.Logarithmic
        ? Math.Log(value / marks.Minimum) / Math.Log(marks.Maximum / marks.Minimum)
        : (value - marks.Minimum) / (marks.Maximum - marks.Minimum);

    /// <summary>Whether the label of a divider fits to its right.</summary>
    public bool FitsRightOf(ChartDivider divider) => X(divider.X) + 6 + divider.Label.Length * CharacterWidth <= _chart.Width;

    /// <summary>Formats a number for an SVG attribute.</summary>
    public static string Pixel(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The path of a line. Points that cannot be drawn interrupt it; a single point between two gaps becomes a dot.</summary>
    public string Path(ChartSeries series)
    {
        var path = new StringBuilder();
        var run = 0;
        foreach (var point in series.Points)
        {
            if (CanDraw(point.Y))
            {
                path.Append(run++ > 0 ? 'L' : 'M').Append(Pixel(X(point.X))).Append(' ').Append(Pixel(Y(point.Y)));
                continue;
            }
            End();
        }
        End();
        return path.ToString();

        // A line of length zero shows its round caps.
        void End()
        {
            if (run == 1) path.Append("h0");
            run = 0;
        }
    }

    /// <summary>The outline of a band, along the upper edge and back along the lower one; one piece per run of points that can be drawn.</summary>
    public string Path(ChartBand band)
    {
        var path = new StringBuilder();
        for (int start = 0, end; start < band.Points.Length; start = end + 1)
        {
            end = start;
            while (end < band.Points.Length && CanDraw(band.Points[end].Lower) && CanDraw(band.Points[end].Upper)) end++;
            if (end == start) continue;
            for (var i = start; i < end; i++) Append(i == start ? 'M' : 'L', band.Points[i].X, band.Points[i].Upper);
            for (var i = end - 1; i >= start; i--) Append('L', band.Points[i].X, band.Points[i].Lower);
            path.Append('Z');
        }
        return path.ToString();

        void Append(char command, double x, double y) => path.Append(command).Append(Pixel(X(x))).Append(' ').Append(Pixel(Y(y)));
    }

    public bool CanDraw(double y) => double.IsFinite(y) && (_chart.YAxis.Kind != AxisKind.Logarithmic || y > 0);

    /// <summary>The position and size of a bar, in pixels.</summary>
    public (double X, double Y, double Width, double Height) Place(ChartBars bars, ChartPoint point)
    {
        double left = X(point.X - bars.Width / 2), foot = Y(0), head = Y(point.Y);
        return (left, Math.Min(foot, head), X(point.X + bars.Width / 2) - left, Math.Abs(foot - head));
    }

    private IEnumerable<double> XValues() =>
        _chart.Series.SelectMany(series => series.Points, (_, point) => point.X).Concat(_chart.Bands.SelectMany(band => band.Points, (_, point) => point.X))
            .Concat(_chart.Bars.SelectMany(bars => bars.Points.SelectMany(point => (double[])[point.X - bars.Width / 2, point.X + bars.Width / 2])));

    private IEnumerable<double> YValues() =>
        _chart.Series.SelectMany(series => series.Points, (_, point) => point.Y)
            .Concat(_chart.Bands.SelectMany(band => band.Points.SelectMany(point => (double[])[point.Lower, point.Upper])))
            .Concat(_chart.Bars.SelectMany(bars => bars.Points.SelectMany(point => (double[])[0, point.Y]))).Where(CanDraw);

    private IEnumerable<LegendEntry> PlaceLegend()
    {
        double x = 12, y = 0;
        IEnumerable<LegendEntry> entries = [.. _chart.Series.Select(series => new LegendEntry(series.Name, 0, 0) { Series = series }),
            .. _chart.Bands.Select(band => new LegendEntry(band.Name, 0, 0) { Band = band }),
            .. _chart.Bars.Select(bars => new LegendEntry(bars.Name, 0, 0) { Bars = bars })];
        foreach (var entry in entries)
        {
            var width = 34 + entry.Name.Length * CharacterWidth + 20;
            if (x > 12 && x + width > _chart.Width) (x, y) = (12, y + LegendRow);
            yield return entry with { X = x, Y = y };
            x += width;
        }
    }
}

/// <summary>An entry of a legend and the line, band or bars it names.</summary>
internal sealed record LegendEntry(string Name, double X, double Y)
{
    public ChartSeries? Series { get; init; }

    public ChartBand? Band { get; init; }

    public ChartBars? Bars { get; init; }
}
