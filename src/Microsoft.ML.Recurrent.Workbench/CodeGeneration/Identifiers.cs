using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>Makes names of C# of names of columns and models.</summary>
internal static class Identifiers
{
    // What a class already has: a property of that name would hide it, or be refused.
    private static readonly string[] s_taken =
        [nameof(Equals), nameof(GetHashCode), nameof(GetType), nameof(ToString), nameof(MemberwiseClone), nameof(ReferenceEquals), "Finalize"];

    /// <summary>A name for each text, in order, all of them different and none that of the class: letters, digits and underscores, a capital first.</summary>
    public static string[] Properties(IEnumerable<string> names, string className)
    {
        var used = s_taken.Append(className).ToHashSet();
        var properties = new List<string>();
        foreach (var name in names)
        {
            var (plain, number) = (Pascal(name), 1);
            var unique = plain;
            while (!used.Add(unique)) unique = string.Create(CultureInfo.InvariantCulture, $"{plain}_{++number}");
            properties.Add(unique);
        }
        return [.. properties];
    }

    /// <summary>The name of a class for the name of a model.</summary>
    public static string Class(string name) => Pascal(name);

    private static string Pascal(string name)
    {
        var letters = new StringBuilder(name.Length);
        foreach (var rune in name.Normalize(NormalizationForm.FormC).EnumerateRunes())
            letters.Append(rune.IsBmp && (Rune.IsLetter(rune) || Rune.IsDigit(rune) && rune.IsAscii) ? (char)rune.Value : '_');
        if (letters.Length == 0 || letters[0] is >= '0' and <= '9') letters.Insert(0, '_');
        // Where there is no capital, as in Chinese, the letter stays.
        letters[0] = char.ToUpperInvariant(letters[0]);
        // Names of underscores alone are discards and more; those in lower case are for the language.
        return letters.ToString().Trim('_').Length == 0 ? "Column" : char.IsLower(letters[0]) ? "Column" + letters : letters.ToString();
    }
}
