namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>Small vocabularies of the subword tokenizers, written to a folder.</summary>
internal sealed class TokenFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recurrent-tokens-");

    /// <summary>Byte-pair encoding of a few words with an end-of-word suffix.</summary>
    public (string Vocabulary, string Merges) Bpe()
    {
        string[] pieces = ["<unk>", "l", "o", "w", "e", "r", "r</w>", "w</w>", "lo", "low</w>", "low", "er</w>", "lower</w>"];
        return (Write("vocab.json", "{" + string.Join(",", pieces.Select((piece, id) => $"\"{piece}\":{id}")) + "}"),
            Write("merges.txt", "#version: 0.2\nl o\nlo w</w>\nlo w\ne r</w>\nlow er</w>\n"));
    }

    /// <summary>Word pieces with the special tokens of BERT.</summary>
    public string WordPieces() => Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nrain\n##fall\n,\ncafe\ncafé\n");

    /// <summary>A unigram model of five pieces, in the JSON format.</summary>
    public string Unigram() => Write("tokenizer.json", """
        {"version":"1.0","added_tokens":[],"normalizer":null,
        "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true},
        "decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true},
        "model":{"type":"Unigram","unk_id":0,"byte_fallback":false,
        "vocab":[["<unk>",0.0],["▁rain",-1.0],["fall",-2.0],["▁",-3.0],["r",-9.0]]}}
        """);

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
