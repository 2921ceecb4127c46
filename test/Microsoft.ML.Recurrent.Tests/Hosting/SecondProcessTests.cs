using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Scoring;
using Microsoft.ML.Recurrent.Tests.Tokens;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>A model file is loaded by a fresh process whose code never names our types (the project SecondProcess).</summary>
[TestClass]
public sealed class SecondProcessTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_regression_scores_the_same(bool varying)
    {
        using var transformer = HostedModels.Regression(_context, varying, seed: 61);
        var data = HostedModels.Data(_context, 50, varying);
        var chain = new TransformerChain<ITransformer>(transformer, _context.Transforms.CopyColumns("Answer", "Score").Fit(transformer.Transform(data)));
        var expected = HostedModels.Column<float>(chain.Transform(data), "Answer");
        var lines = Run(chain, data, "Answer");
        CollectionAssert.AreEqual(expected, lines.Select(line => float.Parse(line, CultureInfo.InvariantCulture)).ToArray());
    }

    [TestMethod]
    public void A_classifier_names_its_classes()
    {
        using var transformer = HostedModels.Multiclass(_context, new(LabelKind.Text, ["low", "middle", "high"]), seed: 62);
        var data = HostedModels.Data(_context, 50);
        var chain = new TransformerChain<ITransformer>(transformer,
            _context.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel").Fit(transformer.Transform(data)));
        var expected = HostedModels.Column<ReadOnlyMemory<char>>(chain.Transform(data), "Class").Select(text => text.ToString()).ToArray();
        CollectionAssert.AreEqual(expected, Run(chain, data, "Class"));
    }

    [TestMethod]
    public void Tokenizers_are_saved_with_their_files()
    {
        using var files = new TokenFiles();
        var data = TextRow.View(_context, "Rain, rainfall", "", "low lower");
        var (vocabulary, merges) = files.Bpe();
        foreach (var tokenizer in new[] { TextTokenizer.Bert(files.WordPieces()), TextTokenizer.SentencePiece(files.Unigram()),
            TextTokenizer.Bpe(vocabulary, merges, unknownToken: "<unk>", endOfWordSuffix: "</w>"), TextTokenizer.WordPiece(files.WordPieces()) })
        {
            var model = _context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text", tokenizer, maximumLength: 3, truncationSide: TruncationSide.Left)
                .Append(_context.Transforms.Conversion.MapKeyToValue("Tokens")).Fit(data);
            var expected = model.Transform(data).GetColumn<string[]>("Tokens").Select(tokens => string.Join(' ', tokens)).ToArray();
            CollectionAssert.AreEqual(expected.Where(line => line.Length > 0).ToArray(), Run(model, data, "Tokens"));
        }
    }

    [TestMethod]
    public void Nothing_is_reported_to_anyone()
    {
        if (OperatingSystem.IsWindows()) return;
        using var transformer = HostedModels.Regression(_context, seed: 63);
        var cache = Directory.CreateTempSubdirectory("recurrent-cache-");
        try
        {
            // ONNX Runtime's official builds keep what they are to send in a file of the cache folder, unless they run under CI.
            Run(transformer, HostedModels.Data(_context, 5), "Score", environment =>
            {
                environment["XDG_CACHE_HOME"] = environment["HOME"] = cache.FullName;
                foreach (var name in new[] { RuntimeTelemetry.Variable, "CI", "TF_BUILD", "GITHUB_ACTIONS", "BUILD_BUILDID" }) environment.Remove(name);
            });
            var left = Directory.GetFiles(cache.FullName, "*", SearchOption.AllDirectories);
            Assert.IsFalse(left.Any(file => file.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase)), string.Join(", ", left));
        }
        finally
        {
            cache.Delete(recursive: true);
        }
    }

    private string[] Run(ITransformer model, IDataView data, string column, Action<IDictionary<string, string?>>? environment = null) =>
        SecondProcess.Run(_context, model, data, [column], environment);
}
