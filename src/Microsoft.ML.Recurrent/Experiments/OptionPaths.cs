using System.Reflection;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>Options by their paths: <c>Network.HiddenSize</c> is the property HiddenSize of the group Network.</summary>
internal static class OptionPaths
{
    /// <summary>The options below an object, groups opened, each with the groups above it.</summary>
    public static IEnumerable<(string Path, PropertyInfo Property, object Owner)> List(object options) => Below("", options);

    /// <summary>The group that holds an option, and the option.</summary>
    /// <exception cref="ArgumentException">There is no such option.</exception>
    public static (object Owner, PropertyInfo Property) Find(object options, string path)
    {
        var owner = options;
        var names = path.Split('.');
        foreach (var name in names[..^1]) owner = owner.GetType().GetProperty(name)?.GetValue(owner) ?? throw Unknown();
        return owner.GetType().GetProperty(names[^1]) is { CanWrite: true } property ? (owner, property) : throw Unknown();

        ArgumentException Unknown() => new($"The options have no '{path}': paths are written as in code, such as Network.HiddenSize.", nameof(path));
    }

    /// <summary>Sets an option to the value of a text.</summary>
    /// <exception cref="ArgumentException">There is no such option, or the text is no value of it.</exception>
    public static void Set(object options, string path, string text)
    {
        var (owner, property) = Find(options, path);
        try
        {
            property.SetValue(owner, OptionText.Parse(text, property.PropertyType));
        }
        catch (FormatException error)
        {
            throw new ArgumentException($"The option {path} cannot be set: {error.Message}", nameof(text), error);
        }
    }

    private static IEnumerable<(string Path, PropertyInfo Property, object Owner)> Below(string path, object owner)
    {
        foreach (var property in owner.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!property.CanRead || property.GetIndexParameters().Length > 0) continue;
            if (property.GetValue(owner) is not IOptionGroup group)
            {
                yield return (path + property.Name, property, owner);
                continue;
            }
            foreach (var below in Below($"{path}{property.Name}.", group)) yield return below;
        }
    }
}
