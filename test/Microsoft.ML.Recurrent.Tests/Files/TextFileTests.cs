using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Files;

/// <summary>Files of text: CoNLL-U, tagged columns, lines and folders.</summary>
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
        Assert.AreEqual("Vamos nos al mar _|Fin", Joined(data, "Tokens"));
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
    public void Tagged_columns()
    {
        var bio = _context.Data.LoadFromTaggedFile(_folder.Write("a.bio", "-DOCSTART- -X- O O\n\nEU NNP B-ORG\nrejects VBZ O\n\n\nPeter NNP B-PER\n"));
        Assert.AreEqual("EU rejects|Peter", Joined(bio, "Tokens"));
        Assert.AreEqual("B-ORG O|B-PER", Joined(bio, "Tags"));
        var other = _context.Data.LoadFromTaggedFile(_folder.Write("b.bio", "1\ta b\tX\tY\n"), tokenIndex: 1, tagIndex: 2, separator: '\t');
        Assert.AreEqual("a b", Joined(other, "Tokens"));
        Assert.AreEqual("X", Joined(other, "Tags"));
        var error = Assert.ThrowsExactly<FormatException>(() => _context.Data.LoadFromTaggedFile(_folder.Write("bad.bio", "EU B-ORG\nalone\n")).Preview());
        StringAssert.Contains(error.Message, "Line 2 ");
    }

    [TestMethod]
    public void Real_entities()
    {
        var folder = SharedFolder.Find("data", "wnut17_ner");
        var file = Directory.GetFiles(folder).First(path => path.Contains("train", StringComparison.OrdinalIgnoreCase));
        var data = _context.Data.LoadFromTaggedFile(file, separator: '\t');
        Assert.AreEqual(3394, data.GetColumn<string[]>("Tokens").Count());
        Assert.AreEqual(62730, data.GetColumn<string[]>("Tags").Sum(tags => tags.Length));
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

    private static string Joined(IDataView data, string column) => string.Join('|', data.GetColumn<string[]>(column).Select(words => string.Join(' ', words)));
}
