using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>A class of rows in generated code.</summary>
/// <param name="Name">The class.</param>
/// <param name="Summary">What it is, a sentence.</param>
/// <param name="Properties">Its properties.</param>
internal sealed record RowClass(string Name, string Summary, ImmutableArray<RowProperty> Properties)
{
    /// <summary>A class for columns of a schema.</summary>
    public static RowClass Create(string name, string summary, IEnumerable<DataViewSchema.Column> columns, Func<string, int?>? indexOf = null)
    {
        DataViewSchema.Column[] all = [.. columns];
        var names = Identifiers.Properties(all.Select(static column => column.Name), name);
        return new(name, summary, [.. all.Select((column, i) => new RowProperty(column.Name, names[i], column.Type, indexOf?.Invoke(column.Name)))]);
    }

    public RowProperty Property(string column) => Properties.First(property => property.Column == column);

    public string Declare(bool isInput) => $$"""
        /// <summary>{{Summary}}</summary>
        public class {{Name}}
        {
        {{string.Join("\n\n", Properties.Select(property => property.Declare(isInput))).Indented(4)}}
        }
        """;

    /// <summary>An expression that makes a row.</summary>
    public string Construct(Func<RowProperty, string> value, string prefix = "") =>
        $"new {prefix}{Name}\n{{\n{string.Concat(Properties.Select(property => $"    {property.Name} = {value(property)},\n"))}}}";
}
