namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>What pads rows of tokens in the ONNX model of an ML.NET pipeline, which has no lengths.</summary>
internal static class TokenPadding
{
    /// <summary>The text that pads a row of tokens. No tokenizer makes an empty token.</summary>
    public const string Text = "";

    /// <summary>The key that pads a row of keys: beyond those of every vocabulary.</summary>
    public const long Key = uint.MaxValue;
}
