using Deque.AxeCore.Playwright;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.ML.Recurrent.Workbench.Reports.Runs;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports.Runs;

/// <summary>The page of a run holds what it was given, and looks right in Chromium: nothing overflows, no text is cut, contrasts are high enough.</summary>
[TestClass]
public sealed class RunPageTests
{
    // A4 at 96 pixels an inch.
    private const int PaperWidth = 794;

    private static readonly BackTestResult s_result = BackTestPicturesTests.Run("north", "a series with a long name, longer than a label can be <& more>");
    private static readonly Lazy<Task<IBrowser?>> s_browser = new(OpenAsync);

    public TestContext TestContext { get; set; } = null!;

    [ClassCleanup]
    public static async Task Close()
    {
        if (s_browser.IsValueCreated && await s_browser.Value is { } browser) await browser.CloseAsync();
    }

    [TestMethod]
    [DataRow("forecast")]
    [DataRow("classes")]
    [DataRow("tags")]
    [DataRow("numbers")]
    public async Task The_page_holds_all_parts_and_loads_nothing(string task)
    {
        var report = Report(task);
        var page = await RunPage.RenderAsync(report);
        string[] parts = [report.Title, "Figures on rows that no trial saw", "Search", "Final on folds", "Learning curve", "Repeat this run",
            "--train-time 120",
            task switch { "forecast" => "Errors by step and origin", "classes" => "Confusion matrix", "tags" => "fromloc.city_name", _ =>
                "Predictions and labels" }];
        foreach (var part in parts) StringAssert.Contains(page, part);
        Assert.IsFalse(System.Text.RegularExpressions.Regex.IsMatch(page, """(src|href)="(https?:)?//|@import|url\("""), "nothing comes from elsewhere");
        Assert.IsFalse(page.Contains("<b>human</b>", StringComparison.Ordinal) || page.Contains("<loads>", StringComparison.Ordinal), "names are no markup");
    }

    [TestMethod]
    [DataRow("forecast")]
    [DataRow("classes")]
    [DataRow("tags")]
    [DataRow("numbers")]
    public async Task The_page_of_a_run_looks_right(string task) => await Look(await RunPage.RenderAsync(Report(task)), task);

    [TestMethod]
    public async Task The_page_of_a_back_test_looks_right() => await Look(await PageRenderer.RenderAsync(
        new BackTestReport { Title = "Back-test", Introduction = "Hours of two series.", Unit = "Load (MW)", Result = s_result }), "back-test");

    private static RunReport Report(string task) => task switch
    {
        "forecast" => SmallReports.Forecast(s_result),
        "classes" => SmallReports.Classes(),
        "tags" => SmallReports.Tags(),
        _ => SmallReports.Numbers(),
    };

    private async Task Look(string html, string name)
    {
        if (await s_browser.Value is not { } browser)
        {
            Assert.Inconclusive("This test looks at pages in Chromium, which is not installed: on Debian, apt-get install chromium.");
            return;
        }
        var path = Path.Combine(TestContext.TestRunDirectory!, $"{name}.html");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, html, TestContext.CancellationToken);
        foreach (var (width, scheme) in new[] { (1280, ColorScheme.Light), (1280, ColorScheme.Dark), (390, ColorScheme.Light) })
        {
            var what = $"{name}, {scheme}, {width} pixels wide";
            await using var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
            var page = await context.NewPageAsync();
            var faults = new List<string>();
            page.Console += (_, message) => faults.Add($"console: {message.Text}");
            page.Request += (_, request) =>
            {
                if (!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                    faults.Add($"request: {request.Url}");
            };
            await page.GotoAsync(new Uri(path).AbsoluteUri);
            await page.ScreenshotAsync(new() { Path = Path.ChangeExtension(path, $"{width}.{scheme}.png"), FullPage = true });
            faults.AddRange(await page.EvaluateAsync<string[]>(Overflow));
            var axe = await page.RunAxe();
            faults.AddRange(
                axe.Violations.SelectMany(static violation => violation.Nodes.Take(3).Select(node => $"{violation.Id}: {node.Html} ({violation.Help})")));
            Assert.IsEmpty(faults, $"{what}\n{string.Join('\n', faults)}");
            await page.EvaluateAsync("() => { for (const one of document.querySelectorAll('details')) one.open = true; }");
            await CheckOverflow(page, $"{what}, with all values");
            if (width < PaperWidth) continue;
            await page.SetViewportSizeAsync(PaperWidth, 1123);
            await page.EmulateMediaAsync(new() { Media = Media.Print });
            await CheckOverflow(page, $"{what}, printed");
        }
    }

    private static async Task CheckOverflow(IPage page, string what)
    {
        var faults = await page.EvaluateAsync<string[]>(Overflow);
        Assert.IsEmpty(faults, $"{what}\n{string.Join('\n', faults.Take(12))}");
    }

    private static async Task<IBrowser?> OpenAsync()
    {
        string[] names = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        if (names.FirstOrDefault(File.Exists) is not { } program) return null;
        var playwright = await Playwright.Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox"] });
    }

    // What is wider than the page; boxes that cut their text; texts of pictures beyond their pictures. Boxes that scroll are meant to be wider inside.
    private const string Overflow = """
        () => {
          const faults = [];
          const wide = document.documentElement.scrollWidth;
          if (wide > window.innerWidth) faults.push(`the page is ${wide} wide, not ${window.innerWidth}`);
          const scrolls = e => e && (['auto', 'scroll'].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
          for (const e of document.querySelectorAll('body *')) {
            const box = e.getBoundingClientRect();
            if (box.width === 0 || scrolls(e)) continue;
            if (e.namespaceURI === 'http://www.w3.org/1999/xhtml') {
              if (box.right > window.innerWidth + 1) faults.push(`${e.tagName} reaches to ${box.right}: ${e.textContent.trim().slice(0, 60)}`);
              const style = getComputedStyle(e);
              if (style.overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1) faults.push(`${e.tagName} cuts: ${e.textContent.trim().slice(0, 60)}`);
            } else if (e.tagName === 'text') {
              const svg = e.ownerSVGElement.getBoundingClientRect();
              if (box.left < svg.left - 1 || box.right > svg.right + 1 || box.top < svg.top - 1 || box.bottom > svg.bottom + 1)
                faults.push(`text beyond its picture: ${e.textContent} (${box.left - svg.left} to ${box.right - svg.left} of ${svg.width})`);
            }
          }
          return faults;
        }
        """;
}
