using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>Where the values of a categorical feature are given.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CategoryPlace>))]
internal enum CategoryPlace
{
    /// <summary>Once per row.</summary>
    Static,

    /// <summary>At each step of the window.</summary>
    Past,

    /// <summary>At each step of the window and of the horizon.</summary>
    [JsonStringEnumMemberName("Ahead")] // as saved models have it
    Future,
}

/// <summary>
/// A categorical feature: its ids, 0 to Vocabulary - 1 where 0 means missing or unknown, are embedded (Guo and Berkhahn 2016) by the parameter
/// <c>{Name}.weight</c> [Vocabulary, Size] and concatenated with the numeric features of the same place.
/// </summary>
internal sealed record CategoryDescription(string Name, CategoryPlace Place, int Vocabulary, int Size)
{
    /// <summary>The default embedding size: 1.6 times the vocabulary to the power of 0.56, at most 50.</summary>
    public static int UsualSize(int vocabulary) => Math.Clamp((int)Math.Ceiling(1.6 * Math.Pow(vocabulary, 0.56)), 1, 50);
}
