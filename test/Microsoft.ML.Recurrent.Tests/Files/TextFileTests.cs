using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Files;

/// <summary>Files of text: CoNLL and CoNLL-U, lines and folders.</summary>
[TestClass]
public sealed class TextFileTests
{
    private const string Treebank = """
        # sent_id = s1
        # text = Vámonos al mar _
        1-2	Vámonos	_	_	_	_	_	_	_	_
        1	Vamos	ir	VERB	VMIP	Mood=Imp|Number=Plur	0	root	_	_
        2	nos	nosotros	PRON	_	Case=Acc	1	obj	_	_
        3	al	al	ADP	_	_	4	case	_	_
        4	mar	mar	NOUN	_	_	1	obl	_	_
        4.1	sale	salir	VERB	_	_	_	_	0:root	_
        5	_	_	SYM	_	_	_	dep	_	_

        1	Fin	fin	NOUN	_	_	0	root	_	_
        """;

    private readonly MLContext _context = new(1);
    private readonly FileFolder _folder = new();

    [TestCleanup]
    public void Delete() => _folder.Dispose();

    [TestMethod]
    public void Treebanks()
    {
        var data = _context.Data.LoadFromConllUFile(_folder.Write("a.conllu", Treebank));
        Assert.AreEqual("Vamos nos al mar _|Fin", Joined(data, "Words"));
        Assert.AreEqual("VERB PRON ADP NOUN SYM|NOUN", Joined(data, "UniversalTags"));
        Assert.AreEqual("VMIP    |", Joined(data, "Tags"));
        Assert.AreEqual("ir nosotros al mar |fin", Joined(data, "Lemmas"));
        Assert.AreEqual("root obj case obl dep|root", Joined(data, "Relations"));
        CollectionAssert.AreEqual(new[] { 0, 1, 4, 1, -1 }, data.GetColumn<int[]>("Heads").First());
        CollectionAssert.AreEqual(new[] { "s1", "" }, data.GetColumn<string>("Sentence").ToArray());
    }

    [TestMethod]
    [DataRow("1\tFin\tfin\n", "Line 1", "found 3")]
    [DataRow("2\tFin\tfin\tNOUN\t_\t_\t0\troot\t_\t_\n", "Line 1", "'2' should be 1")]
    [DataRow("1\tFin\tfin\tNOUN\t_\t_\tx\troot\t_\t_\n", "Line 1", "'x' is no number")]
    public void Malformed_treebanks_are_named_by_line(string text, string line, string fault)
    {
        var error = Assert.ThrowsExactly<FormatException>(() => _context.Data.LoadFromConllUFile(_folder.Write("bad.conllu", text)).Preview());
        StringAssert.Contains(error.Message, line + " ");
        StringAssert.Contains(error.Message, "bad.conllu");
        StringAssert.Contains(error.Message, fault);
    }

    [TestMethod]
    [DataRow("a\tB-X\nb c\tO\n\n\nd\tO", 0, -1, "a,b c|d", "B-X,O|O")]
    [DataRow("-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n \nPeter NNP I-NP B-PER \n", 0, -1, "EU,rejects|Peter", "B-ORG,O|B-PER")]
    [DataRow("# sent_id = 1\n# text = vamonos al\n1-2\tvamonos\t_\t_\t_\t_\t_\t_\t_\t_\n1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_\n" +
        "2\tnos\tyo\tPRON\t_\t_\t1\tobj\t_\t_\n2.1\tx\tx\tX\t_\t_\t_\t_\t_\t_\n\n", 1, 3, "vamos,nos", "VERB,PRON")]
    [DataRow("#\tO\n# O\n", 0, -1, "#,#", "O,O")]
    [DataRow("1\ta b\tX\tY\n", 1, 2, "a b", "X")]
    [DataRow("Y a\n", -1, 0, "a", "Y")]
    [DataRow("", 0, -1, "", "")]
    public void Words_with_tags(string text, int wordIndex, int tagIndex, string words, string tags)
    {
        var data = _context.Data.LoadFromConllFile(_folder.Write("a.bio", text), wordIndex, tagIndex);
        for (var pass = 0; pass < 2; pass++)
        {
            Assert.AreEqual(words, Joined(data, "Words", ','));
            Assert.AreEqual(tags, Joined(data, "Tags", ','));
        }
    }

    [TestMethod]
    public void A_separator_of_its_own_keeps_white_space_in_columns()
    {
        var data = _context.Data.LoadFromConllFile(_folder.Write("a.csv", "New York;B\n\nIn;O\n"), separator: ';');
        Assert.AreEqual("New York|In", Joined(data, "Words"));
        Assert.AreEqual("B|O", Joined(data, "Tags"));
    }

    [TestMethod]
    [DataRow("EU B-ORG\nalone\n", 0, -1, "Line 2 ", "1 column.")]
    [DataRow("EU B-ORG\n\nthe DT O\n", 0, 2, "Line 1 ", "2 columns.")]
    [DataRow("EU B-ORG\n", 0, -3, "Line 1 ", "-3")]
    public void Lines_without_a_column_are_named(string text, int wordIndex, int tagIndex, string line, string fault)
    {
        var error = Assert.ThrowsExactly<FormatException>(
            () => _context.Data.LoadFromConllFile(_folder.Write("bad.bio", text), wordIndex, tagIndex).GetColumn<string[]>("Tags").ToArray());
        foreach (var part in new[] { "bad.bio", line, fault }) StringAssert.Contains(error.Message, part);
    }

    [TestMethod]
    public void Arguments_of_tagged_files_are_checked()
    {
        var file = _folder.Write("a.bio", "a O\n");
        Assert.AreEqual("tagIndex", Assert.ThrowsExactly<ArgumentException>(() => _context.Data.LoadFromConllFile(file, 1, 1)).ParamName);
        Assert.ThrowsExactly<FileNotFoundException>(() => _context.Data.LoadFromConllFile(file + ".none"));
        Assert.ThrowsExactly<FileNotFoundException>(() => _context.Data.LoadFromConllUFile(file + ".none"));
    }

    [TestMethod]
    public void Wnut17_has_the_counts_of_its_readme()
    {
        var data = _context.Data.LoadFromConllFile(SharedFolder.Find("data", "wnut17_ner", "train.bio"));
        string[][] tags = [.. data.GetColumn<string[]>("Tags")];
        Assert.HasCount(3394, tags);
        Assert.AreEqual(62730, tags.Sum(row => row.Length));
        Assert.AreEqual(1975, tags.Sum(row => row.Count(tag => tag.StartsWith("B-", StringComparison.Ordinal))));
    }

    [TestMethod]
    public void One_text_a_line() =>
        CollectionAssert.AreEqual(new[] { "one, \"two\"", "three\tfour" },
            _context.Data.LoadFromTextLines(_folder.Write("a.txt", "one, \"two\"\n\n \nthree\tfour\n")).GetColumn<string>("Text").ToArray());

    [TestMethod]
    public void Folders_are_classes()
    {
        _folder.Write(Path.Combine("set", "pos", "b.txt"), "good\nfilm");
        _folder.Write(Path.Combine("set", "neg", "a.txt"), "bad");
        _folder.Write(Path.Combine("set", "neg", "notes.md"), "no text");
        var data = _context.Data.LoadFromTextFolders(Path.Combine(_folder.FullName, "set"));
        CollectionAssert.AreEqual(new[] { "bad", "good\nfilm" }, data.GetColumn<string>("Text").ToArray());
        CollectionAssert.AreEqual(new[] { "neg", "pos" }, data.GetColumn<string>("Label").ToArray());
        Assert.AreEqual(Path.Combine("neg", "a.txt"), data.GetColumn<string>("File").First());
        Assert.ThrowsExactly<ArgumentException>(() => _context.Data.LoadFromTextFolders(Path.Combine(_folder.FullName, "set"), "*.csv"));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => _context.Data.LoadFromTextFolders(Path.Combine(_folder.FullName, "absent")));
        Assert.ThrowsExactly<FileNotFoundException>(() => _context.Data.LoadFromTextLines(Path.Combine(_folder.FullName, "absent")));
    }

    private static string Joined(IDataView data, string column, char separator = ' ') =>
        string.Join('|', data.GetColumn<string[]>(column).Select(words => string.Join(separator, words)));
}
