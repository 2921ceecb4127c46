using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>Time a row on the left and memory on the right by the number of rows, from zero; rows in powers of ten.</summary>
internal static class ScaleChart
{
    private const int Width = 320, Height = 190, Left = 46, Top = 44, Gap = 64;

    private static readonly (bool IsStreamed, string Colour)[] s_lines = [(true, "#2563eb"), (false, "#9ca3af")];

    public static string Svg(IReadOnlyList<ScaleFit> fits)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Left + (2 * Width) + Gap + 40} {Top + Height + 54}' font-family='sans-serif' "
                + $"font-size='11'>\n");
        svg.Append("<rect width='100%' height='100%' fill='white'/>\n<text x='10' y='18' font-size='14'>A fit to more and more rows</text>\n");
        Panel(svg, Left, "microseconds a row", fits, fit => fit.MicrosecondsPerRow);
        Panel(svg, Left + Width + Gap, "peak memory of the process, MiB", fits, fit => fit.MiB);
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x='{Left}' y='{Top + Height + 44}' fill='#444'>blue: streamed from disk, grey: all rows in memory</text>\n</svg>\n");
        return svg.ToString();
    }

    private static void Panel(StringBuilder svg, int left, string caption, IReadOnlyList<ScaleFit> fits, Func<ScaleFit, double> figure)
    {
        var (first, last) = (Math.Log10(fits.Min(fit => fit.Rows)), Math.Log10(fits.Max(fit => fit.Rows)));
        var step = Step(fits.Max(figure));
        var highest = step * Math.Ceiling(fits.Max(figure) / step);
        double X(int rows) => left + (last > first ? Width * (Math.Log10(rows) - first) / (last - first) : 0);
        double Y(double value) => Top + Height - (Height * value / highest);
        svg.Append(CultureInfo.InvariantCulture, $"<text x='{left}' y='{Top - 8}' fill='#444'>{caption}</text>\n");
        for (double mark = 0; mark <= highest; mark += step)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1='{left}' x2='{left + Width}' y1='{Y(mark):F1}' y2='{Y(mark):F1}' stroke='#e5e7eb'/><text x='{left - 6}' y='{Y(mark) + 4:F1}' "
                    + $"text-anchor='end'>{mark:G3}</text>\n");
        }
        foreach (var rows in fits.Select(fit => fit.Rows).Distinct())
            svg.Append(CultureInfo.InvariantCulture, $"<text x='{X(rows):F1}' y='{Top + Height + 16}' text-anchor='middle'>{rows:N0}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x='{left + (Width / 2)}' y='{Top + Height + 29}' text-anchor='middle' fill='#444'>rows</text>\n");
        foreach (var (isStreamed, colour) in s_lines)
        {
            var line = fits.Where(fit => fit.IsStreamed == isStreamed).OrderBy(fit => fit.Rows).ToArray();
            var points = string.Join(' ', line.Select(fit => string.Create(CultureInfo.InvariantCulture, $"{X(fit.Rows):F1},{Y(figure(fit)):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.8'/>\n");
            foreach (var fit in line)
                svg.Append(CultureInfo.InvariantCulture, $"<circle cx='{X(fit.Rows):F1}' cy='{Y(figure(fit)):F1}' r='2.5' fill='{colour}'/>\n");
        }
    }

    // 1, 2 or 5 times a power of ten, about five of them up to the highest.
    private static double Step(double highest)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(highest / 5)));
        return new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(step => step >= highest / 5);
    }
}
