namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>The style sheet of the charts; a page includes it once, a standalone image embeds it.</summary>
/// <remarks>The palette is distinguishable with any color vision (Okabe and Ito 2008), with lighter colors on dark backgrounds.</remarks>
public static class ChartStyle
{
    /// <summary>The style sheet.</summary>
    public const string Sheet = """
        .chart { --c0: #1f2430; --c1: #0072b2; --c2: #d55e00; --c3: #009e73; --c4: #cc79a7;
          --c5: #b07d00; --c6: #3a9bd9; --c7: #7a5195; --ground: #ffffff; --quiet: #5a6372; --grid: #e3e7ee;
          background: var(--ground); font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--c0); }
        .chart .title { font-size: 16px; font-weight: 600; }
        .chart .quiet { fill: var(--quiet); font-size: 12px; }
        .chart .grid { stroke: var(--grid); stroke-width: 1; }
        .chart .axis { stroke: var(--quiet); stroke-width: 1; }
        .chart .divider { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 2 3; }
        .chart .line { fill: none; stroke-linejoin: round; stroke-linecap: round; }
        .chart .dashed { stroke-dasharray: 7 5; }
        .chart .dotted { stroke-dasharray: 1 5; }
        .chart .band { opacity: 0.18; stroke: none; }
        .chart .bar { opacity: 0.55; stroke: var(--ground); stroke-width: 0.5; }
        .chart .beside { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
        .chart .missing { fill: var(--grid); }
        .chart .below { fill: var(--c1); }
        .chart .above { fill: var(--c2); }
        .chart .hit { fill: transparent; }
        .chart .hit:hover { fill: var(--c0); fill-opacity: 0.35; }
        @media (prefers-color-scheme: dark) {
          .chart { --c0: #e6e9ef; --c1: #56b4e9; --c2: #ff9a4d; --c3: #3ddbb0; --c4: #e69fc5;
            --c5: #e8c547; --c6: #8fd0ff; --c7: #bd9bd8; --ground: #161b22; --quiet: #9aa4b2; --grid: #2b323d; }
        }
        """;
}
