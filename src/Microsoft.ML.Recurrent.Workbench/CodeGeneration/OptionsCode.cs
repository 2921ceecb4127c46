using System.Collections;
using System.Reflection;
using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>Writes options as the C# code that makes them.</summary>
public static class OptionsCode
{
    private const int LongestLine = 120, Indent = 4;

    /// <summary>
    /// Writes an options object as an expression with an initializer: only what differs from the defaults. The namespaces System, System.Collections.Generic,
    /// Microsoft.ML and Microsoft.ML.Recurrent are imported where it stands; word vectors are loaded from a variable <c>mlContext</c>.
    /// </summary>
    /// <param name="options">The options. Loggers, progress and cancellation belong to one run and are left out.</param>
    /// <param name="indent">Spaces before the line on which the expression stands.</param>
    /// <exception cref="ArgumentException">Training starts from a trained model, which code does not hold.</exception>
    public static string Write(RecurrentTrainerOptions options, int indent = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Initialized("new " + Literals.TypeName(options.GetType()), options, indent, "");
    }

    /// <summary>Whether options hold what belongs to one run alone: loggers, progress, cancellation.</summary>
    internal static bool BelongsToRun(Type type) => type == typeof(CancellationToken) || type == typeof(TrainingLogger[])
        || type == typeof(IProgress<TrainingProgress>);

    /// <summary>A value in the code of an initializer, or null where the type is none that options hold.</summary>
    internal static string Value(object? value, int indent, string path) => value switch
    {
        null => "null",
        bool flag => Literals.Boolean(flag),
        string text => Literals.Text(text),
        float number => Literals.Number(number),
        double number => Literals.Number(number),
        Enum member => Literals.Enumeration(member),
        int or long => Literals.Number((IFormattable)value),
        TimeSpan duration => Literals.Duration(duration),
        TimeOnly time => Literals.TimeOfDay(time),
        IReadOnlyDictionary<double, string> names => Dictionary(names),
        IList items => $"[{string.Join(", ", items.Cast<object?>().Select(item => Value(item, indent, path)))}]",
        LearningRateSchedule schedule => FactoryCode.Call(typeof(LearningRateSchedule), schedule.Made),
        TeacherForcing forcing => FactoryCode.Call(typeof(TeacherForcing), forcing.Made),
        WeightInitializer initializer => FactoryCode.Call(typeof(WeightInitializer), initializer.Made),
        ForecastLikelihood likelihood => FactoryCode.Likelihood(likelihood),
        SequenceNetwork network => FactoryCode.Layers(network, indent),
        WordVectors vectors =>
            $"mlContext.Transforms.Text.LoadWordVectors({Literals.Text(vectors.FilePath)}{(vectors.IgnoreCase ? ", ignoreCase: true" : "")})",
        RecurrentModel => throw new ArgumentException(
            $"The option {path} holds a trained model, which code cannot hold: leave it out, or load the model in the code.", nameof(value)),
        TimeFrequency frequency => Initialized($"new TimeFrequency({Literals.Enumeration(frequency.Unit)}{(frequency.Multiple == 1 ? ""
            : ", " + Literals.Number((IFormattable)frequency.Multiple))})", frequency, indent, path, new TimeFrequency(frequency.Unit, frequency.Multiple)),
        IOptionGroup or SequenceAugmentation or RecurrentLayerOptions => Initialized("new " + Literals.TypeName(value.GetType()), value, indent, path),
        _ => throw new ArgumentException($"The option {path} holds {value.GetType()}, for which there is no code.", nameof(value)),
    };

    private static string Dictionary(IReadOnlyDictionary<double, string> names) => names.Count == 0 ? "new Dictionary<double, string>()"
        : $"new Dictionary<double, string> {{ {string.Join(", ", names.OrderBy(static pair => pair.Key).Select(static pair =>
            $"[{Literals.Number(pair.Key)}] = {Literals.Text(pair.Value)}"))} }}";

    /// <summary>An object with what differs from another, which its constructor makes.</summary>
    private static string Initialized(string made, object value, int indent, string path, object? defaults = null)
    {
        defaults ??= Activator.CreateInstance(value.GetType())!;
        var assignments = Assignments(value, defaults, indent + Indent, path);
        if (assignments.Count == 0) return made.EndsWith(')') ? made : made + "()";
        return $"{made}{Braces(assignments, indent, made.Length)}";
    }

    /// <summary>An initializer: on one line where it fits, else one line for each.</summary>
    private static string Braces(IReadOnlyList<string> assignments, int indent, int before)
    {
        var line = $" {{ {string.Join(", ", assignments)} }}";
        if (!line.Contains('\n') && indent + before + line.Length <= LongestLine) return line;
        var margin = new string(' ', indent);
        return $"\n{margin}{{\n{string.Concat(assignments.Select(assignment => $"{margin}    {assignment},\n"))}{margin}}}";
    }

    private static List<string> Assignments(object value, object defaults, int indent, string path)
    {
        var assignments = new List<string>();
        foreach (var property in Properties(value.GetType(), path.Length == 0))
        {
            if (property.SetMethod is not { IsPublic: true } || BelongsToRun(property.PropertyType)) continue;
            var (own, other) = (property.GetValue(value), property.GetValue(defaults));
            var name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            if (own is IOptionGroup && own.GetType() == property.PropertyType && other?.GetType() == own.GetType())
            {
                var inner = Assignments(own, other, indent + Indent, name);
                if (inner.Count > 0) assignments.Add($"{property.Name} ={Braces(inner, indent, property.Name.Length + 2)}");
                continue;
            }
            var code = Value(own, indent, name);
            if (code == Value(other, indent, name)) continue;
            assignments.Add($"{property.Name} = {code}");
        }
        return assignments;
    }

    // In the order of the source: of a trainer what belongs to its task comes first, of a group what all forms of it have.
    private static IEnumerable<PropertyInfo> Properties(Type type, bool ownFirst) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .OrderBy(property => (property.DeclaringType == type) == ownFirst ? 0 : 1).ThenBy(static property => property.MetadataToken);
}
