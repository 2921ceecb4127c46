namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The style sheet of a report page, light or dark like the reader's system.</summary>
internal static class ReportStyle
{
    public const string Sheet = """
        :root { --page: #f4f6f9; --card: #ffffff; --text: #1f2430; --muted: #5a6372; --line: #dde2ea; --accent: #b34700; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #0d1117; --card: #161b22; --text: #e6e9ef; --muted: #9aa4b2; --line: #2b323d; --accent: #ff9a4d; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 1040px; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { margin: 0 0 0.35rem; font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.01em; }
        h2 { margin: 0 0 0.9rem; font-size: 1.15rem; }
        .lead { margin: 0 0 1.5rem; max-width: 70ch; color: var(--muted); }
        section { margin: 0 0 1.25rem; padding: 1.25rem 1.4rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
        figure { margin: 0; }
        svg.chart { display: block; width: 100%; height: auto; }
        .scroll { overflow-x: auto; max-height: 26rem; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: 0.42rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
        th:first-child { text-align: left; }
        tbody th { font-weight: 500; }
        thead th { position: sticky; top: 0; background: var(--card); color: var(--muted); font-size: 0.82rem; font-weight: 600; }
        .errors { font-size: 0.88rem; }
        .errors th, .errors td { padding: 0.42rem 0.45rem; }
        .errors thead th { font-size: 0.8rem; }
        abbr { text-decoration: none; border-bottom: 1px dotted var(--muted); cursor: help; }
        .best th, .best td { color: var(--accent); font-weight: 700; }
        .note, details > summary { color: var(--muted); font-size: 0.9rem; }
        details { margin-top: 0.75rem; }
        details > summary { cursor: pointer; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.75rem 1.5rem; margin: 0 0 1rem; }
        dt { color: var(--muted); font-size: 0.82rem; }
        dd { margin: 0; font-weight: 600; }
        pre { margin: 0; padding: 0.9rem 1rem; overflow-x: auto; background: var(--page); border-radius: 8px;
          font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
        a { color: var(--accent); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

        """;
}
