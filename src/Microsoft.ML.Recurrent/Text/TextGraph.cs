using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tokens;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>Puts the splitting of text and the look-up of tokens before the graph of a model: text in, answers out.</summary>
internal sealed class TextGraph
{
    private const string LearningDomain = "ai.onnx.ml";

    // StringSplit came with this opset.
    private const int StringSplitOpset = 20;

    private readonly TextTokenizingTransformer _tokenizing;
    private readonly VocabularyTransformer _vocabulary;
    private readonly ModelManifest _manifest;
    private readonly OnnxModelBuilder _graph;

    private TextGraph(TextTokenizingTransformer tokenizing, VocabularyTransformer vocabulary, ModelManifest manifest, OnnxModelBuilder graph) =>
        (_tokenizing, _vocabulary, _manifest, _graph) = (tokenizing, vocabulary, manifest, graph);

    /// <summary>The steps of a pipeline that such a graph joins.</summary>
    /// <exception cref="ArgumentException">The pipeline has no such steps.</exception>
    public static (TextTokenizingTransformer Tokenizing, VocabularyTransformer Vocabulary, RecurrentTransformer Model) Steps(ITransformer pipeline)
    {
        ITransformer[] steps = [.. RecurrentTransformer.Flatten(pipeline)];
        if (steps.OfType<RecurrentTransformer>().LastOrDefault() is not { } model) throw Refused("it has no recurrent model");
        if (model.Model.Manifest.Inputs is not [{ Kind: InputKind.Tokens, Time: null } tokens, ..] || model.Model.Manifest.Vocabulary is null)
            throw Refused("its model takes no tokens of varying length with text as key values");
        if (steps.OfType<VocabularyTransformer>().LastOrDefault(step => step.OutputColumnName == tokens.Column) is not { } vocabulary)
            throw Refused($"the column '{tokens.Column}' does not come from BuildVocabulary");
        return steps.OfType<TextTokenizingTransformer>().LastOrDefault(step => step.OutputColumnName == vocabulary.InputColumnName) is { } tokenizing
            ? (tokenizing, vocabulary, model)
            : throw Refused($"the column '{vocabulary.InputColumnName}' does not come from TokenizeForRecurrent");

        static ArgumentException Refused(string fault) => new(
            $"The pipeline cannot be exported with text as its input: {fault}. It needs TokenizeForRecurrent, BuildVocabulary and a recurrent trainer.",
            nameof(pipeline));
    }

    /// <summary>The graph of a model with text in place of its tokens.</summary>
    /// <param name="pipeline">The fitted steps.</param>
    /// <param name="model">The exported graph.</param>
    /// <param name="options">The options of the export.</param>
    /// <param name="textIsLowerCase">Whether the graph is given text that is lower-cased already.</param>
    /// <exception cref="NotSupportedException">No operator splits text as the tokenizer does.</exception>
    public static ModelProto Create((TextTokenizingTransformer Tokenizing, VocabularyTransformer Vocabulary, RecurrentTransformer Model) pipeline,
        ModelProto model,
        OnnxExportOptions options, bool textIsLowerCase)
    {
        if (pipeline.Tokenizing.Options.LowerCase && !textIsLowerCase)
        {
            throw new NotSupportedException(
                $"The text of '{pipeline.Tokenizing.InputColumnName}' is lower-cased, which a graph can do only on machines that have "
                + "the locale it names. Lower-case text before the graph, and say so: textIsLowerCase: true.");
        }
        if (TokenGraph.Rule(pipeline.Tokenizing.Tokenizer) is (null, null))
        {
            throw new NotSupportedException($"ONNX has no operator for the tokenizer of '{pipeline.Tokenizing.OutputColumnName}'. Export the model alone "
                + "(ExportToOnnx of the transformer's Model), and give it the keys as ids.");
        }
        var graph = model.Graph;
        var target = new OnnxModelBuilder(options.Opset, options.GraphName, Names(graph).Append(pipeline.Tokenizing.InputColumnName));
        var (ids, lengths) = new TextGraph(pipeline.Tokenizing, pipeline.Vocabulary, pipeline.Model.Model.Manifest, target).Write();
        var tokens = pipeline.Model.Model.Manifest.Inputs[0].Name;
        Rename(graph, new() { [tokens] = ids, [ModelManifest.LengthInput] = lengths });
        var result = target.Model;
        result.IrVersion = Math.Max(result.IrVersion, model.IrVersion);
        result.OpsetImport.Add(model.OpsetImport.Where(import => result.OpsetImport.All(own => own.Domain != import.Domain)));
        result.Graph.Input.Add(graph.Input.Where(input => input.Name != tokens && input.Name != ModelManifest.LengthInput));
        result.Graph.Node.Add(graph.Node);
        result.Graph.Initializer.Add(graph.Initializer);
        result.Graph.Output.Add(graph.Output);
        return result;
    }

    // Ids, [batch, steps], and the number of tokens of each row.
    private (string Ids, string Lengths) Write()
    {
        var text = _tokenizing.InputColumnName;
        _graph.Input(text, OnnxType.Text, "batch");
        var ids = Encode(Split(text));
        if (_tokenizing.Options is { MaximumLength: { } most, Side: TruncationSide.Right }) ids = _graph.Slice(ids, 0, most, 1);
        var isToken = _graph.Greater(ids, _graph.Scalar(-1L));
        var lengths = _graph.ReduceSum(_graph.Cast(isToken, OnnxType.Int64), 1);
        ids = _graph.Where(isToken, ids, _graph.Scalar(0L));
        if (_tokenizing.Options is { MaximumLength: { } last, Side: TruncationSide.Left }) (ids, lengths) = Last(ids, lengths, last);
        return (TokenSequences.Trim(_graph, ids, lengths), lengths);
    }

    private string Split(string text)
    {
        if (_tokenizing.Tokenizer == TextTokenizer.Blanks && _graph.Opset >= StringSplitOpset) return _graph.Nodes("StringSplit", [text], 2)[0];
        var (separators, pattern) = TokenGraph.Rule(_tokenizing.Tokenizer);
        return Of(TokenGraph.RuntimeDomain, _graph.Node("Tokenizer", [text], ("mark", 0L), ("mincharnum", 1L), ("pad_value", TokenPadding.Text),
            separators is null ? ("tokenexp", pattern!) : ("separators", separators)), 1);
    }

    // Padding is -1.
    private string Encode(string tokens)
    {
        var values = _manifest.Vocabulary!.Values;
        var unknown = _vocabulary.UnknownToken is { } token ? values.IndexOf(token) + 1L : 0;
        return Of(LearningDomain, _graph.Node("LabelEncoder", [tokens], ("keys_strings", (string[])[.. values, TokenPadding.Text]),
            ("values_int64s", (long[])[.. Enumerable.Range(1, values.Length).Select(id => (long)id), -1]), ("default_int64", unknown)), 2);
    }

    // The last tokens of each row, moved to its beginning.
    private (string Ids, string Lengths) Last(string ids, string lengths, int most)
    {
        var steps = _graph.Size(ids, 1);
        var first = _graph.Unsqueeze(_graph.Node("Max", [_graph.Subtract(lengths, _graph.Scalar((long)most)), _graph.Scalar(0L)]), 1);
        var places = _graph.Node("Range", [_graph.Scalar(0L), _graph.Node("Min", [steps, _graph.Scalar((long)most)]), _graph.Scalar(1L)]);
        var indices = _graph.Node("Min", [_graph.Add(first, places), _graph.Subtract(steps, _graph.Scalar(1L))]);
        return (_graph.Node("GatherElements", [ids, indices], ("axis", 1L)), _graph.Node("Min", [lengths, _graph.Scalar((long)most)]));
    }

    // The last node belongs to another domain than ONNX's own.
    private string Of(string domain, string output, int version)
    {
        _graph.Model.Graph.Node[^1].Domain = domain;
        if (_graph.Model.OpsetImport.All(import => import.Domain != domain))
            _graph.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        return output;
    }

    private static IEnumerable<string> Names(GraphProto graph) => graph.Input.Concat(graph.Output).Select(value => value.Name)
        .Concat(graph.Initializer.Select(tensor => tensor.Name))
        .Concat(graph.Node.SelectMany(node => node.Output.Concat(node.Attribute.Where(attribute => attribute.G is not null)
            .SelectMany(attribute => Names(attribute.G)))));

    private static void Rename(GraphProto graph, Dictionary<string, string> names)
    {
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
                if (names.TryGetValue(node.Input[i], out var name)) node.Input[i] = name;
            foreach (var attribute in node.Attribute.Where(attribute => attribute.G is not null)) Rename(attribute.G, names);
        }
    }
}
