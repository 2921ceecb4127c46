using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The table as a picture: for each configuration our share of the machine's peak, the peer's, and a mark at the goal.</summary>
internal static class TrainingChart
{
    public static string Svg(string caption, IReadOnlyList<TrainingResult> results)
    {
        const int left = 90, width = 560, row = 38, top = 46;
        var svg = new StringBuilder();
        int height = top + (results.Count * row) + 30;
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {left + width + 60} {height}' font-family='sans-serif' font-size='12'>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width='100%' height='100%' fill='white'/>\n<text x='10' y='18' font-size='14'>One training step: share of the machine's matrix product peak</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x='10' y='34' fill='#666' font-size='9'>{System.Security.SecurityElement.Escape(caption)}</text>\n");
        for (int i = 0; i < results.Count; i++)
        {
            TrainingResult r = results[i];
            double peer = r.PeerGflops is { } gflops ? gflops / r.Gflops * r.OfPeak : 0, goal = Bars.Of(r.Name).Goal;
            int y = top + (i * row);
            svg.Append(CultureInfo.InvariantCulture, $"<text x='{left - 8}' y='{y + 18}' text-anchor='end'>{r.Name}</text>\n");
            Bar(svg, left, y, width * r.OfPeak, "#2563eb", $"{r.OfPeak:P0}");
            Bar(svg, left, y + 15, width * peer, "#9ca3af", $"{peer:P0}");
            svg.Append(CultureInfo.InvariantCulture, $"<line x1='{left + (width * goal):F1}' x2='{left + (width * goal):F1}' y1='{y - 2}' y2='{y + 31}' stroke='#dc2626' stroke-width='2'/>\n");
        }
        svg.Append(CultureInfo.InvariantCulture, $"<text x='{left}' y='{height - 8}' fill='#444'>blue: Microsoft.ML.Recurrent, grey: PyTorch in the same run, red line: goal</text>\n</svg>\n");
        return svg.ToString();
    }

    private static void Bar(StringBuilder svg, double x, double y, double width, string colour, string label) =>
        svg.Append(CultureInfo.InvariantCulture, $"<rect x='{x}' y='{y}' width='{width:F1}' height='13' fill='{colour}'/><text x='{x + width + 4:F1}' y='{y + 11}'>{label}</text>\n");
}
