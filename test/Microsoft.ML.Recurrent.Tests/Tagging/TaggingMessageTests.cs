using static Microsoft.ML.Recurrent.Tests.Tagging.TaggedRows;

namespace Microsoft.ML.Recurrent.Tests.Tagging;

/// <summary>What a tagger says of columns, rows and options that it cannot use.</summary>
[TestClass]
public sealed class TaggingMessageTests
{
    [TestMethod]
    [DataRow("Label", "Tags", "Token", null, "'Tags'", "a vector of keys, one per step", "MapValueToKey")]
    [DataRow("A scalar key", "Whole", "Token", null, "'Whole'", "a key for each step", "vector of keys")]
    [DataRow("No such label", "Tagg", "Token", null, "'Tagg'", "'Tag'", "label")]
    [DataRow("Tokens", "Tag", "Words", null, "'Words'", "Vector", "MapValueToKey")]
    [DataRow("Texts", "Tag", "Token", "Token", "'Token'", "Vector<Text>", "texts from which the keys")]
    public void A_wrong_column_is_told_before_training(string what, string label, string feature, string? text, params string[] parts)
    {
        var pipeline = Keys().Append(Context.MulticlassClassification.Trainers.SequenceTagging(label, feature, textColumnName: text));
        var schema = Data.SchemaShapes.Create(View(Sentences(1, 1)).Schema);
        foreach (var error in new[]
        {
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.GetOutputSchema(schema)),
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(View(Sentences(9, 1)))),
        })
        {
            foreach (var part in parts) StringAssert.Contains(error.Message, part, what);
        }
    }

    [TestMethod]
    public void Labels_and_texts_must_be_as_long_as_the_tokens()
    {
        var rows = Sentences(9, 1);
        rows[4].Tags = rows[4].Tags[1..];
        var error = Assert.Throws<ArgumentException>(() => Pipeline(Options()).Fit(View(rows)));
        foreach (var part in new[] { "'Tag'", "row 4", $"holds {rows[4].Tags.Length} labels", "'Token'", $"holds {rows[4].Words.Length} steps" })
            StringAssert.Contains(error.Message, part, StringComparison.OrdinalIgnoreCase);

        var model = Pipeline(Options(options => (options.Characters.TextColumnName, options.Stopping.MaximumNumberOfEpochs) = ("Words", 1)));
        var fitted = model.Fit(View(Sentences(9, 1)));
        var scored = Assert.Throws<ArgumentException>(() => Context.MulticlassClassification.EvaluateSequences(
            fitted.Transform(View(rows)), "Tag"));
        StringAssert.Contains(scored.Message, "must be of the same steps");
    }

    [TestMethod]
    public void Empty_rows_cannot_be_learned()
    {
        var rows = Sentences(9, 1);
        (rows[3].Words, rows[3].Tags) = ([], []);
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Pipeline(Options()).Fit(View(rows))).Message, "is empty");
    }

    [TestMethod]
    public void Options_that_do_not_fit_are_named()
    {
        Refused("Tags.BioConstraints", () => Pipeline(Options(options => options.Tags.BioConstraints = true))
            .Fit(View([.. Sentences(9, 1).Select(row => new Row { Words = row.Words, Tags = [.. row.Words.Select(_ => "NN")] })])));
        Refused("Features.StaticColumnNames", () => Pipeline(Options(options => options.Features.StaticColumnNames = ["Weight"])));
        Refused("Characters.MaximumLength", () => Pipeline(Options(options => options.Characters.MaximumLength = 1)));
        Refused("Characters.Size", () => Pipeline(Options(options => options.Characters.Size = 0)));
        Refused("Tags.SequenceLossWeight", () => Pipeline(Options(options => options.Tags.SequenceLossWeight = 0)));
        Refused("Network.Custom",
            () => Pipeline(Options(options => options.Network.Custom = SequenceNetwork.Create().Embedding(4).Lstm(4).Pool(SequencePooling.Max)))
            .Fit(View(Sentences(9, 1))));

        static void Refused(string option, Action action) => Assert.AreEqual(option, ((ArgumentException)Assert.Throws<ArgumentException>(action)).ParamName);
    }

    [TestMethod]
    public void A_tagger_is_not_scored_step_by_step()
    {
        var tagger = Tagger(Pipeline(Options(options => options.Stopping.MaximumNumberOfEpochs = 1)).Fit(View(Sentences(20, 1))));
        StringAssert.Contains(Assert.Throws<NotSupportedException>(() =>
            tagger.Model.ExportToOnnx(Stream.Null, new() { Form = OnnxExportForm.SingleStep })).Message, "whole sequence");
    }
}
