using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>Tokens of texts, with unknown ones copied from the source by attention.</summary>
[TestClass]
public sealed class TranslationWriterTests
{
    private static readonly TranslationManifest s_manifest = new()
    {
        Target = new(LabelKind.Text, ["je", "suis", "."]),
        End = 4,
        Start = 5,
        Search = new BeamSearchOptions().ToManifest(),
        Attends = true,
        KnowsUnknown = true,
        UnknownText = "<unk>",
        CopyColumn = "Words",
        Answers = [TranslationAnswer.Text],
    };

    // je suis UNK de UNK: the first unknown token attends most to "Ann", the second one as much to "Ann" as to "Oslo", of which the first is taken.
    private static readonly FoundText s_text = new([1, 2, 0, 0, 3], -2, -1,
        [[0.8f, 0.1f, 0.05f, 0.05f], [0.2f, 0.6f, 0.1f, 0.1f], [0.1f, 0.2f, 0.6f, 0.1f], [0.1f, 0.1f, 0.4f, 0.4f], [0.1f, 0.1f, 0.1f, 0.7f]], true);

    private static readonly string[] s_source = ["i", "am", "Ann", "Oslo"];

    [TestMethod]
    public void An_unknown_token_is_the_source_token_of_the_greatest_attention()
    {
        string[] copied = ["je", "suis", "Ann", "Ann", "."], written = ["je", "suis", "<unk>", "<unk>", "."];
        CollectionAssert.AreEqual(copied, new TranslationWriter(s_manifest).Tokens(s_text, s_source).ToArray());
        CollectionAssert.AreEqual(written, new TranslationWriter(s_manifest).Tokens(s_text, null).ToArray());
        CollectionAssert.AreEqual(written, new TranslationWriter(s_manifest with { CopyColumn = null }).Tokens(s_text, s_source).ToArray());
    }

    [TestMethod]
    public void The_unknown_token_is_searched_for_where_it_is_copied_or_allowed()
    {
        bool[] without = [true, false, false, false, false, true], with = [false, false, false, false, false, true];
        CollectionAssert.AreEqual(with, new TranslationWriter(s_manifest).Excluded(copies: true));
        CollectionAssert.AreEqual(without, new TranslationWriter(s_manifest).Excluded(copies: false));
        CollectionAssert.AreEqual(without, new TranslationWriter(s_manifest with { CopyColumn = null }).Excluded(copies: true));
        CollectionAssert.AreEqual(with, new TranslationWriter(s_manifest with { CopyColumn = null, AllowsUnknown = true }).Excluded(copies: false));
    }
}
