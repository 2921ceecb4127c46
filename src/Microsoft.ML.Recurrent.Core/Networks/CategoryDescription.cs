using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>Where a category is known.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CategoryPlace>))]
internal enum CategoryPlace
{
    /// <summary>Once a row.</summary>
    Static,

    /// <summary>At each step of the window.</summary>
    Past,

    /// <summary>At each step of the window and of the horizon.</summary>
    [JsonStringEnumMemberName("Ahead")] // as saved models have it
    Future,
}

/// <summary>
/// A category beside a sequence of numbers: its ids, 0 to Vocabulary - 1 where 0 stands for missing or unknown, become vectors by a table of their own (Guo and
/// Berkhahn 2016), parameter <c>{Name}.weight</c> [Vocabulary, Size], which are joined to the numbers of the same place.
/// </summary>
internal sealed record CategoryDescription(string Name, CategoryPlace Place, int Vocabulary, int Size)
{
    /// <summary>A vector's usual length: 1.6 times the number of values to the power of 0.56, at most 50.</summary>
    public static int UsualSize(int vocabulary) => Math.Clamp((int)Math.Ceiling(1.6 * Math.Pow(vocabulary, 0.56)), 1, 50);
}
