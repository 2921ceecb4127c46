using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>The soak's curves as a picture: sessions on the left, rows on the right, ours over ONNX Runtime alone, memory from zero.</summary>
internal static class SoakChart
{
    private const int Width = 360, Height = 200, Left = 46, Top = 40, Gap = 60;

    public static string Svg(IReadOnlyList<SoakCurve> curves)
    {
        var svg = new StringBuilder();
        var highest = Math.Ceiling(curves.Max(curve => curve.Points.Max(point => point.MiB)) / 50) * 50;
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Left + (2 * Width) + Gap + 20} {Top + Height + 52}' font-family='sans-serif' "
                + $"font-size='11'>\n");
        svg.Append("<rect width='100%' height='100%' fill='white'/>\n<text x='10' y='18' font-size='14'>Resident memory while sessions come and go, and "
            + "while rows pass</text>\n");
        Panel(svg, Left, "sessions loaded, scored, disposed of", [.. curves.Where(curve => curve.Name.EndsWith("sessions", StringComparison.Ordinal))],
            highest);
        Panel(svg, Left + Width + Gap, "rows of 1 to 50 steps through one cursor",
            [.. curves.Where(curve => !curve.Name.EndsWith("sessions", StringComparison.Ordinal))], highest);
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x='{Left}' y='{Top + Height + 46}' fill='#444'>blue: Microsoft.ML.Recurrent, grey: ONNX Runtime alone in the same way</text>\n</svg>\n");
        return svg.ToString();
    }

    private static void Panel(StringBuilder svg, int left, string caption, IReadOnlyList<SoakCurve> curves, double highest)
    {
        for (double mark = 0; mark <= highest; mark += 50)
        {
            var y = Top + Height - (Height * mark / highest);
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1='{left}' x2='{left + Width}' y1='{y:F1}' y2='{y:F1}' stroke='#e5e7eb'/><text x='{left - 6}' y='{y + 4:F1}' "
                    + $"text-anchor='end'>{mark}</text>\n");
        }
        var end = curves.Max(curve => curve.End.Count);
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x='{left}' y='{Top + Height + 16}'>0</text><text x='{left + Width}' y='{Top + Height + 16}' text-anchor='end'>{end:N0}</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x='{left + (Width / 2)}' y='{Top + Height + 28}' text-anchor='middle' fill='#444'>{caption}</text><text x='{left}' y='{Top - 6}' "
                + $"fill='#444'>MiB</text>\n");
        foreach (var curve in curves)
        {
            var points = string.Join(' ', curve.Points.Select(point => string.Create(CultureInfo.InvariantCulture,
                $"{left + (Width * (double)point.Count / end):F1},{Top + Height - (Height * point.MiB / highest):F1}")));
            svg.Append(CultureInfo.InvariantCulture,
                $"<polyline points='{points}' fill='none' stroke='{(curve.Name.StartsWith("bare", StringComparison.Ordinal) ? "#9ca3af" : "#2563eb")}' "
                    + $"stroke-width='1.8'/>\n");
        }
    }
}
