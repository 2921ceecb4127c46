using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>Beam search through the graphs of a model.</summary>
[TestClass]
public sealed class OnnxBeamModelTests
{
    private const int Longest = 3;

    [TestMethod]
    [DataRow("Lstm 1 none", LengthNormalization.None, 0f)]
    [DataRow("Lstm 1 General fed", LengthNormalization.Average, 0.4f)]
    [DataRow("Gru 2 Additive tied", LengthNormalization.Gnmt, 0.2f)]
    [DataRow("Lstm 2 Dot fed tied", LengthNormalization.Gnmt, 0f)]
    public void A_beam_as_wide_as_all_texts_finds_the_best_ones(string name, LengthNormalization normalization, float coverage)
    {
        // Two tokens besides the end that may be written, so that there are few texts.
        var description = TokenDecoderModels.Networks[name];
        description = description with { Decoder = description.Decoder! with { ExcludedTokens = [0, 3, 4, 5, 6] } };
        using var network = TestModels.Network(description);
        var model = TokenDecoderModels.Model(network);
        using var sessions = TokenDecoderSessions.Create(model);
        var options = new BeamSearchOptions
        {
            BeamSize = 16, NumberOfResults = 5, LengthNormalization = normalization, LengthExponent = 0.8f, CoveragePenalty = coverage, MinimumLength = 0,
            MaximumLength = Longest,
        };
        options.Check();
        bool[] excluded = [.. Enumerable.Range(0, TokenDecoderModels.Vocabulary).Select(description.Decoder.IsExcluded)];
        var rows = TestRows.Random(description, 4, longest: 5);
        var found = Search(sessions, model, rows, options, excluded);
        for (var row = 0; row < rows.Count; row++)
        {
            var all = All(sessions, model, rows.Only(row), rows.Lengths[row], options).OrderByDescending(text => text.Score).Take(5).ToArray();
            for (var i = 0; i < all.Length; i++)
            {
                CollectionAssert.AreEqual(all[i].Tokens, found[row][i].Tokens, $"row {row}, text {i}");
                Assert.AreEqual(all[i].Score, found[row][i].Score, 1e-4);
            }
        }
    }

    [TestMethod]
    [DataRow("Lstm 1 none")]
    [DataRow("Lstm 2 General")]
    [DataRow("Gru 1 Dot fed")]
    [DataRow("limits")]
    public void A_beam_of_one_writes_what_the_network_and_the_greedy_graph_write(string name)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks[name]);
        var (model, decoder) = (TokenDecoderModels.Model(network), network.Description.Decoder!);
        using var sessions = TokenDecoderSessions.Create(model);
        var rows = TestRows.Random(network.Description, 20, longest: 6);
        bool[] excluded = [.. Enumerable.Range(0, decoder.Vocabulary).Select(decoder.IsExcluded)];
        var options = new BeamSearchOptions { BeamSize = 1, MinimumLength = decoder.MinimumLength, MaximumLength = decoder.Steps };
        using var batch = rows.ToBatch(network.Description);
        using var tape = new Autograd.Tape { Recording = false };
        var greedy = TokenDecoding.Greedy(network, tape, batch);
        var found = Search(sessions, model, rows, options, excluded);
        for (var row = 0; row < rows.Count; row++)
        {
            CollectionAssert.AreEqual(greedy[row].Tokens, found[row].Single().Tokens, $"row {row}");
            Assert.AreEqual(greedy[row].LogProbability, found[row][0].LogProbability, 1e-4);
        }
    }

    [TestMethod]
    public void Sources_do_not_disturb_each_other()
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks["Lstm 2 General fed tied"]);
        var model = TokenDecoderModels.Model(network);
        using var sessions = TokenDecoderSessions.Create(model);
        var (rows, options) = (TestRows.Random(network.Description, 12, longest: 9), new BeamSearchOptions { BeamSize = 3, NumberOfResults = 3 });
        bool[] excluded = [.. Enumerable.Range(0, TokenDecoderModels.Vocabulary).Select(token => token == TokenDecoderModels.Start)];
        var together = Search(sessions, model, rows, options, excluded);
        for (var row = 0; row < rows.Count; row++)
        {
            var alone = Search(sessions, model, rows.Only(row), options, excluded)[0];
            for (var i = 0; i < alone.Length; i++)
            {
                CollectionAssert.AreEqual(alone[i].Tokens, together[row][i].Tokens);
                Assert.AreEqual(alone[i].Score, together[row][i].Score, 1e-4);
            }
        }
    }

    private static FoundText[][] Search(DecoderSessions sessions, RecurrentModel model, TestRows rows, BeamSearchOptions options, bool[] excluded)
    {
        using var beam = new OnnxBeamModel(sessions, TokenDecoderInputs.Create(model.Manifest, rows));
        return new BeamSearch(options, TokenDecoderModels.Start, TokenDecoderModels.End, excluded).Run(beam, rows.Lengths);
    }

    // All texts of the tokens 1 and 2, each scored alone.
    private static IEnumerable<FoundText> All(DecoderSessions sessions, RecurrentModel model, TestRows row, int length, BeamSearchOptions options)
    {
        for (var count = 0; count <= Longest; count++)
        {
            for (var bits = 0; bits < 1 << count; bits++)
            {
                int[] tokens = [.. Enumerable.Range(0, count).Select(i => 1 + (bits >> i & 1))];
                using var beam = new OnnxBeamModel(sessions, TokenDecoderInputs.Create(model.Manifest, row));
                double sum = 0;
                List<float[]> attention = [];
                var last = TokenDecoderModels.Start;
                foreach (var token in tokens.Append(TokenDecoderModels.End))
                {
                    var (logs, weights) = (new float[beam.Vocabulary], new float[beam.SourceTime]);
                    beam.Step([0], [0], [last], logs, weights);
                    sum += logs[token];
                    attention.Add(weights);
                    last = token;
                }
                yield return new(tokens, sum, new TextScore(options).Rank(sum, count + 1, attention, length), [.. attention], true);
            }
        }
    }
}
