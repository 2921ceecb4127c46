namespace Microsoft.ML.Recurrent;

/// <summary>How the tokens of a text become the text again.</summary>
public enum TokenJoining
{
    /// <summary>A blank between two tokens: words.</summary>
    Blanks,

    /// <summary>Nothing between two tokens: characters.</summary>
    None,

    /// <summary>
    /// Pieces of a byte-level vocabulary such as GPT-2's: each letter stands for a byte of the text in UTF-8. Bytes that are no text become U+FFFD.
    /// </summary>
    ByteLevel,

    /// <summary>Pieces of SentencePiece: U+2581 stands for a blank, the first of which is dropped.</summary>
    SentencePiece,

    /// <summary>Word pieces: one that begins with <c>##</c> continues the word before it, any other begins a word.</summary>
    WordPiece,

    /// <summary>Byte pairs of characters: a piece that ends in <c>&lt;/w&gt;</c> ends a word.</summary>
    EndOfWord,
}
