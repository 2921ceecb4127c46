using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>What the user asks of <c>-- scoring</c>.</summary>
internal sealed record ScoringRequest(int Threads, string Python, string? Json, string? Docs);

/// <summary>
/// <c>-- scoring [--json FILE] [--docs PAGE] [--threads N] [--python PROGRAM]</c>: an LSTM of 64 over 50 steps, scored by our scorer, our cursor and
/// PredictionEngine, by ONNX Runtime called directly, by ML.NET's own OnnxTransformer and by PyTorch, in one run and in turns; then with several input columns,
/// with all columns read, and with lengths that vary.
/// </summary>
internal static class ScoringCommand
{
    public const string Section = "scoring";

    private const string One = "one column", Several = "four input columns", All = "all columns read", Varying = "1 to 50 steps";
    private const int Large = 256;

    public static int Run(ScoringRequest request)
    {
        List<ScoringFigure> figures = [];
        using var torch = PyTorchScoring.Start(request.Python, ScoringCase.Steps, 1, request.Threads);
        using (var one = new ScoringCase(One, ["Features"], [], 0, varying: false, request.Threads))
            foreach (var batch in new[] { 1, 16, 64, Large })
            {
                List<ScoringContender> contenders = [one.Bare(batch), one.Scorer(batch), one.Cursor(batch), one.ManagedCursor(batch), one.Direct(batch)];
                if (batch == 1) contenders.AddRange([one.Engine(), one.OnnxTransformer()]);
                if (torch is not null) contenders.Add(torch.Contender(batch));
                Add(one, batch, contenders);
            }
        AddOurs(new(Several, ["Features", "Second", "Third", "Statics"], [], 0, varying: false, request.Threads));
        AddOurs(new(All, ["Features"], ["Features", "Second", "Third", "Statics", "Name", "Number", "Price"], 5, varying: false, request.Threads));
        AddOurs(new(Varying, ["Features"], [], 0, varying: true, request.Threads));
        Print(figures);
        foreach (var line in Verdicts(figures)) Console.WriteLine(line);
        if (request.Json is not null)
            File.WriteAllText(request.Json, JsonSerializer.Serialize(new { Machine = Machine(request), figures }, JsonSerializerOptions.Web));
        if (request.Docs is not null) MarkedSection.Replace(request.Docs, Section, Markdown(request, figures));
        return 0;

        void AddOurs(ScoringCase model)
        {
            using (model)
                foreach (var batch in new[] { 1, Large })
                    Add(model, batch, [model.Bare(batch), model.Scorer(batch), model.Cursor(batch), model.ManagedCursor(batch)]);
        }

        void Add(ScoringCase model, int batch, List<ScoringContender> contenders)
        {
            Console.Error.Write($"\r{model.Name}, batch {batch}          ");
            figures.AddRange(ScoringMeasurement.Of(model.Name, batch, contenders));
            foreach (var contender in contenders) contender.Dispose();
            Console.Error.Write($"\r{new string(' ', 40)}\r");
        }
    }

    private static ScoringFigure Bare(List<ScoringFigure> figures, ScoringFigure figure) =>
        figures.First(other => other.IsBare && other.Case == figure.Case && other.Batch == figure.Batch);

    // What the project promises, and whether these figures keep it.
    private static IEnumerable<string> Verdicts(List<ScoringFigure> figures)
    {
        foreach (var figure in figures.Where(figure => figure.Name.StartsWith("our", StringComparison.Ordinal)))
        {
            double bare = Bare(figures, figure).Microseconds, more = figure.Microseconds - bare, share = 100 * more / bare;
            bool? holds = (figure.Name, figure.Batch) switch
            {
                ("our scorer", 1) => more <= 2 && figure.BytesPerRow < 0.5,
                ("our scorer", Large) => share <= 5,
                ("our cursor", Large) => share <= 5 && figure.BytesPerRow <= 1,
                _ => null,
            };
            if (holds is bool kept)
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"{(kept ? "holds" : "FAILS")}: {figure.Case}, "
                        + $"batch {figure.Batch}, {figure.Name}: {more:+0.0;-0.0;0.0} us ({share:+0.0;-0.0;0.0}%), {figure.BytesPerRow:F2} bytes a row");
        }
    }

    private static string Machine(ScoringRequest request) =>
        $"{request.Threads} thread{(request.Threads == 1 ? "" : "s")}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}, "
            + $"ML.NET {typeof(MLContext).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version}, .NET {Environment.Version}";

    private static string[] Header => ["what", "batch", "who", "rows/s", "us a batch", "p50", "p99", "bytes a row", "over ONNX Runtime"];

    private static string[] Cells(List<ScoringFigure> figures, ScoringFigure figure)
    {
        var bare = Bare(figures, figure).Microseconds;
        string Number(double? value, string format = "N1") => value is double number ? number.ToString(format, CultureInfo.InvariantCulture) : "";
        return [figure.Case, Number(figure.Batch, "N0"), figure.Name, Number(figure.RowsPerSecond, "N0"), Number(figure.Microseconds), Number(figure.P50),
            Number(figure.P99), Number(figure.BytesPerRow, "N2"),
            figure.IsBare
                ? ""
                : $"{Number(figure.Microseconds - bare, "+0.0;-0.0;0.0")} us ({Number(100 * (figure.Microseconds / bare - 1), "+0.0;-0.0;0.0")}%)"];
    }

    private static void Print(List<ScoringFigure> figures)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumns(Header);
        foreach (var figure in figures) table.AddRow(Cells(figures, figure));
        AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
    }

    private static string Markdown(ScoringRequest request, List<ScoringFigure> figures) =>
        $"{Machine(request)}; times in microseconds.\n\n" + MarkedSection.Table(Header, figures.Select(figure => Cells(figures, figure)));
}
