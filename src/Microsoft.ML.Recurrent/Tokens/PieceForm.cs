namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>How tokens become text again.</summary>
internal enum PieceForm
{
    /// <summary>Tokens are joined by blanks.</summary>
    Separated,

    /// <summary>Tokens follow each other.</summary>
    Joined,

    /// <summary>The characters of a piece are bytes, as GPT-2's, and the bytes UTF-8.</summary>
    Bytes,

    /// <summary>Pieces that continue a word have a prefix; before the others there is a blank.</summary>
    Prefixed,

    /// <summary>Pieces that end a word have a suffix, after which there is a blank.</summary>
    Suffixed,

    /// <summary>A lower block (U+2581) stands for a blank; pieces like <c>&lt;0x0A&gt;</c> are bytes.</summary>
    SentencePiece,
}
