using System.Reflection;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Options;

/// <summary>The options of a class of options: those that can be set on itself, and the groups among them, whose own options they hold.</summary>
internal static class OptionGroups
{
    /// <summary>The public properties of a type, its bases' among them, that can be set.</summary>
    public static PropertyInfo[] Of(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is { IsPublic: true })];

    /// <summary>Whether a type is one of ours that has options itself; records are values.</summary>
    public static bool IsGroup(Type type) =>
        type.Assembly.GetName().Name is SourceCode.Core or SourceCode.Main && !type.IsEnum && type.GetMethod("<Clone>$") is null && Of(type).Length > 0;

    /// <summary>The types that an option of a group's type may have: itself, or where that is abstract the classes derived from it.</summary>
    public static IEnumerable<Type> Kinds(Type group) => group.IsAbstract ? group.Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(group)) : [group];

    /// <summary>The groups below a class of options, by the path to each: an option whose type has options itself.</summary>
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
                if (!IsGroup(property.PropertyType)) continue;
                foreach (var kind in Kinds(property.PropertyType).Where(kind => !above.Contains(kind)))
                {
                    groups.Add(($"{path}{property.Name}", kind));
                    Add($"{path}{property.Name}.", kind, [.. above, kind]);
                }
            }
        }
    }
}
