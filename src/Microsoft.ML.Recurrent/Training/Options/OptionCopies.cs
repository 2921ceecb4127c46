using System.Reflection;

namespace Microsoft.ML.Recurrent;

/// <summary>Copies options, so that what a user changes after a trainer was created does not change the trainer.</summary>
internal static class OptionCopies
{
    private static readonly MethodInfo s_clone = typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    /// <summary>A copy whose groups, arrays and column names by quantile level are copies too; all other values are immutable, or shared on purpose.</summary>
    public static T Copy<T>(T options)
    {
        var copy = (T)s_clone.Invoke(options, null)!;
        foreach (var property in copy.GetType().GetProperties())
        {
            var own = property.GetValue(options) switch
            {
                IOptionGroup group => Copy(group),
                Array array => array.Clone(),
                IReadOnlyDictionary<double, string> names => new SortedDictionary<double, string>(names.ToDictionary()),
                _ => null,
            };
            if (own is not null) property.SetValue(copy, own);
        }
        return copy;
    }
}
