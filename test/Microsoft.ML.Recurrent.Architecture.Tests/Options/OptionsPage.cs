using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Options;

/// <summary>The page of all options, docs/options.md, from the XML documentation of the assemblies.</summary>
internal static class OptionsPage
{
    private const string Start = """
        # Options

        Every option of the trainers, by group, from the API documentation. The simple forms (`Trainers.Lstm`, `ForecastByLstm`, `LanguageModelByLstm`) take the
        most common ones as arguments; the others are properties of an `Options` object. A group is set in place or replaced, and errors name an option by its
        path, such as `Network.HiddenSize`:

        ```csharp
        using Microsoft.ML;
        using Microsoft.ML.Recurrent;

        var options = new RecurrentRegressionTrainer.Options
        {
            Network = { HiddenSize = 32, Regularization = { DropoutRate = 0.2f } },
            Optimizer = new() { LearningRate = 1e-3f },
        };
        ```

        This page is generated. Change the documentation of a property, run the tests of Microsoft.ML.Recurrent.Architecture.Tests, and copy
        artifacts/architecture/options.md over docs/options.md.

        """;

    private static readonly (string Title, Type Type)[] s_trainers =
    [
        ("All trainers", typeof(RecurrentTrainerOptions)), ("Regression and classification", typeof(SequenceTrainerOptions)),
        ("Regression", typeof(RecurrentRegressionTrainer.Options)), ("Binary classification", typeof(RecurrentBinaryTrainer.Options)),
        ("Multiclass classification", typeof(RecurrentMulticlassTrainer.Options)), ("Tagging", typeof(RecurrentTaggingTrainer.Options)),
        ("Forecasting", typeof(RecurrentForecastingEstimator.Options)),
        ("Language models", typeof(RecurrentLanguageModelEstimator.Options)), ("Translations", typeof(RecurrentTranslationEstimator.Options)),
        ("Autoencoders", typeof(RecurrentAutoencoderTrainer.Options)),
    ];

    /// <summary>The page's text.</summary>
    public static string Create()
    {
        var documentation = new[] { typeof(RecurrentTrainerOptions), typeof(RecurrentCell) }
            .SelectMany(type => XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml")).Descendants("member"))
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);
        var page = new StringBuilder(Start.ReplaceLineEndings("\n"));
        foreach (var (title, type) in s_trainers) Section(title, type, "##");
        return page.ToString();

        void Section(string title, Type type, string level, string path = "")
        {
            var heading = path.Length == 0 ? title : $"{title}: {path}{(type.IsAbstract || type.BaseType != typeof(object) ? $" ({type.Name})" : "")}";
            page.Append($"\n{level} {heading}\n\n{Text(type, $"T:{Name(type)}")}\n");
            var options = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(property => property.SetMethod is { IsPublic: true }).OrderBy(property => property.MetadataToken).ToArray();
            if (options.Length > 0) page.Append("\n| Option | Type | Default | Meaning |\n| --- | --- | --- | --- |\n");
            foreach (var option in options)
            {
                var text = Text(type, $"P:{Name(type)}.{option.Name}");
                var (summary, standard) = text.EndsWith(" Has to be set.", StringComparison.Ordinal) ? (text[..^" Has to be set.".Length], "has to be set")
                    : text.Split(" Default: ") is [var before, var after] ? (before, after.TrimEnd('.')) : (text, "");
                page.Append($"| {option.Name} | {OptionType(option)} | {Escape(standard)} | {Escape(summary)} |\n");
            }
            foreach (var group in options.Where(option => OptionGroups.IsGroup(option.PropertyType)))
            {
                var inner = path.Length == 0 ? group.Name : $"{path}.{group.Name}";
                foreach (var kind in Bases(group.PropertyType).Concat(OptionGroups.Kinds(group.PropertyType)).Distinct()) Section(title, kind, "###", inner);
            }
        }

        string Text(Type type, string member) =>
            Regex.Replace(string.Concat(documentation[member].Nodes().Select(node => Node(node, type))), @"\s+", " ").Trim();

        static string Node(XNode node, Type type) => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } reference => $"`{Reference(reference.Attribute("cref")!.Value, type)}`",
            _ => ((XElement)node).Value,
        };

        // Of the type itself the member alone; else the type and the member.
        static string Reference(string member, Type type)
        {
            var name = Regex.Replace(member[2..], @"\(.*", "");
            var parts = name.Split('.');
            return name.StartsWith(Name(type) + ".", StringComparison.Ordinal) || member[0] == 'T' ? parts[^1] : $"{parts[^2]}.{parts[^1]}";
        }
    }

    // The classes of a group from the most general one down.
    private static IEnumerable<Type> Bases(Type type) => type.BaseType is { } parent && OptionGroups.IsGroup(parent) ? [.. Bases(parent), type] : [type];

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static string Escape(string text) => text.Replace("|", "\\|");

    private static string OptionType(PropertyInfo option)
    {
        var nullable = Nullable.GetUnderlyingType(option.PropertyType) is not null || !option.PropertyType.IsValueType
            && new NullabilityInfoContext().Create(option).WriteState is NullabilityState.Nullable;
        return $"`{TypeName(Nullable.GetUnderlyingType(option.PropertyType) ?? option.PropertyType)}{(nullable ? "?" : "")}`";
    }

    private static string TypeName(Type type) => type switch
    {
        { IsArray: true } => $"{TypeName(type.GetElementType()!)}[]",
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>",
        _ when type == typeof(int) => "int",
        _ when type == typeof(float) => "float",
        _ when type == typeof(double) => "double",
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(string) => "string",
        _ => type.Name,
    };
}
