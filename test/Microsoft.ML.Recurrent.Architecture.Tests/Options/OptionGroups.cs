using System.Reflection;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Options;

/// <summary>The options of a class of options: those that can be set on itself, and the groups among them, whose own options they hold.</summary>
internal static class OptionGroups
{
    /// <summary>The public properties of a type, its bases' among them, that can be set.</summary>
    public static PropertyInfo[] Of(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is { IsPublic: true })];

    /// <summary>The groups below a class of options, by the path to each: a property whose type is one of ours that has options itself.</summary>
    public static IReadOnlyList<(string Path, Type Type)> Groups(Type type)
    {
        List<(string, Type)> groups = [];
        Add("", type, [type]);
        return groups;

        void Add(string path, Type parent, HashSet<Type> above)
        {
            // What can be read is enough of a group: its options may be set without its being replaced.
            foreach (var property in parent.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                var group = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                if (group.Assembly.GetName().Name is not (SourceCode.Core or SourceCode.Main)) continue;
                if (group.IsEnum || Of(group).Length == 0 || above.Contains(group)) continue;
                groups.Add(($"{path}{property.Name}", group));
                Add($"{path}{property.Name}.", group, [.. above, group]);
            }
        }
    }
}
