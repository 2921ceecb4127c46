using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>The nodes of tokens in the ONNX model of an ML.NET pipeline. Rows of fewer tokens than others of their batch are padded.</summary>
internal static class TokenGraph
{
    // The ONNX type number that ML.NET's exporter uses for a key.
    private const long UInt32 = 12;

    /// <summary>The domain of Tokenizer, an operator of ONNX Runtime's own. ML.NET writes the same one for TokenizeIntoWords.</summary>
    public const string RuntimeDomain = "com.microsoft";

    /// <summary>Splits text, [rows, 1], into tokens, [rows, tokens of the longest row].</summary>
    /// <returns>False if the graph cannot split in the same way.</returns>
    public static bool Split(OnnxContext context, TextTokenizingTransformer transformer, DataViewType type)
    {
        var options = transformer.Options;
        if (options.LowerCase || options.MaximumLength is not null || transformer.Tokenizer.Vocabulary is not null) return false;
        var (separators, pattern) = Rule(transformer.Tokenizer);
        if (separators is null && pattern is null) return false;
        var variable = context.GetVariableName(transformer.InputColumnName);
        var rows = context.AddIntermediateVariable(null, context.GetNodeName("rows"), true);
        context.CreateNode("Reshape", [variable, context.AddInitializer([-1L], [1], "rows_shape")], [rows], context.GetNodeName("Reshape"), "");
        var node = context.CreateNode("Tokenizer", rows, context.AddIntermediateVariable(type, transformer.OutputColumnName),
            context.GetNodeName("Tokenizer"), RuntimeDomain);
        node.AddAttribute("mark", 0);
        node.AddAttribute("mincharnum", 1);
        node.AddAttribute("pad_value", TokenPadding.Text);
        if (separators is not null) node.AddAttribute("separators", separators);
        else node.AddAttribute("tokenexp", pattern);
        return true;
    }

    /// <summary>Maps tokens to keys, UInt32; padding becomes <see cref="TokenPadding.Key"/>.</summary>
    public static void Encode(OnnxContext context, VocabularyTransformer vocabulary, DataViewType type)
    {
        var ids = context.AddIntermediateVariable(null, context.GetNodeName("ids"), true);
        var encoder = context.CreateNode("LabelEncoder", context.GetVariableName(vocabulary.InputColumnName), ids, context.GetNodeName("LabelEncoder"));
        encoder.AddAttribute("keys_strings", vocabulary.Tokens.Append(TokenPadding.Text).ToArray());
        encoder.AddAttribute("values_int64s", Enumerable.Range(1, vocabulary.Tokens.Count).Select(key => (long)key).Append(TokenPadding.Key).ToArray());
        encoder.AddAttribute("default_int64", (long)vocabulary.UnknownKey);
        var cast = context.CreateNode("Cast", ids, context.AddIntermediateVariable(type, vocabulary.OutputColumnName), context.GetNodeName("Cast"), "");
        cast.AddAttribute("to", UInt32);
    }

    /// <summary>How the operator Tokenizer splits as a tokenizer does: at separators, or by a pattern; neither if it cannot.</summary>
    public static (string[]? Separators, string? Pattern) Rule(TextTokenizer tokenizer) => tokenizer switch
    {
        WordTokenizer => (null, WordTokenizer.Pattern),
        SeparatorTokenizer split => (split.Separators, null),
        CharacterTokenizer => ([""], null),
        _ => default,
    };
}
