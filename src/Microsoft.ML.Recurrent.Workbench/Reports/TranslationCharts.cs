using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>Charts of translations.</summary>
public static class TranslationCharts
{
    private const int WidthOfToken = 48, LeastWidth = 480;

    /// <summary>The attention of a text: a row for each of its tokens, a column for each source token (<see cref="PageRenderer"/> draws it as SVG).</summary>
    /// <param name="text">A text of a <see cref="RecurrentTranslator"/>.</param>
    /// <exception cref="ArgumentException">The text has no tokens, or its model no attention.</exception>
    public static HeatMap Attention(TranslatedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Attention.IsEmpty) throw new ArgumentException("There is no attention to draw: the model has none, or the text has no tokens.", nameof(text));
        return new()
        {
            Title = "Attention",
            Description = $"The weight of each source token for each token of the text \"{text.Text}\"; each row adds up to 1.",
            ColumnTitle = "source",
            RowTitle = "text",
            ValueTitle = "weight",
            Columns = text.SourceTokens,
            Rows = text.Tokens,
            Values = [.. text.Attention.Select(weights => weights.Select(weight => (double)weight).ToImmutableArray())],
            Width = Math.Max(LeastWidth, WidthOfToken * (text.SourceTokens.Length + 4)),
        };
    }
}
