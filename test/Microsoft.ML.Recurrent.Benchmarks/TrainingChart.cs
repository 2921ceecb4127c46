using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The table as a picture: for each configuration our share of the machine's peak, the peers', and a mark at the goal.</summary>
internal static class TrainingChart
{
    private const string Ours = "#2563eb";

    private static readonly (string Colour, string Name)[] s_peers = [("#9ca3af", "grey"), ("#f59e0b", "orange")];

    public static string Svg(TrainingRun run)
    {
        const int left = 90, width = 560, bar = 15, top = 46;
        var svg = new StringBuilder();
        int bars = 1 + run.Peers.Count, row = (bar * bars) + 8, height = top + (run.Results.Count * row) + 30;
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {left + width + 60} {height}' font-family='sans-serif' font-size='12'>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect width='100%' height='100%' fill='white'/>\n<text x='10' y='18' font-size='14'>One training step: share of the machine's matrix product "
                + $"peak</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x='10' y='34' fill='#666' font-size='9'>{System.Security.SecurityElement.Escape(run.Caption)}</text>\n");
        for (var i = 0; i < run.Results.Count; i++)
        {
            var r = run.Results[i];
            var goal = Bars.Of(r.Name).Goal;
            var y = top + (i * row);
            svg.Append(CultureInfo.InvariantCulture, $"<text x='{left - 8}' y='{y + 18}' text-anchor='end'>{r.Name}</text>\n");
            Bar(svg, left, y, width * r.OfPeak, Ours, $"{r.OfPeak:P0}");
            for (var peer = 0; peer < r.Peers.Count; peer++)
                if (r.Peers[peer] is { } result)
                    Bar(svg, left, y + (bar * (peer + 1)), width * result.Gflops / run.Peak, s_peers[peer].Colour, $"{result.Gflops / run.Peak:P0}");
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1='{left + (width * goal):F1}' x2='{left + (width * goal):F1}' y1='{y - 2}' y2='{y + (bar * bars) + 1}' stroke='#dc2626' "
                    + $"stroke-width='2'/>\n");
        }
        var peers = string.Join(", ", run.Peers.Select((peer, i) => $"{s_peers[i].Name}: {peer.Label}"));
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x='{left}' y='{height - 8}' fill='#444'>blue: Microsoft.ML.Recurrent, {peers} in the same run, red line: goal</text>\n</svg>\n");
        return svg.ToString();
    }

    private static void Bar(StringBuilder svg, double x, double y, double width, string colour, string label) =>
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect x='{x}' y='{y}' width='{width:F1}' height='13' fill='{colour}'/><text x='{x + width + 4:F1}' y='{y + 11}'>{label}</text>\n");
}
