namespace Microsoft.ML.Recurrent.Tests.Tokens;

internal sealed class TextRow
{
    public string Text { get; set; } = "";

    public static IDataView View(MLContext context, params string[] texts) =>
        context.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text }));
}
