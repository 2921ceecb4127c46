namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>The parts of a fitted pipeline.</summary>
internal static class PipelineParts
{
    /// <summary>The steps of a pipeline, those of inner pipelines too.</summary>
    public static IEnumerable<ITransformer> Steps(this ITransformer model) => model is IEnumerable<ITransformer> steps ? steps.SelectMany(Steps) : [model];

    /// <summary>The columns that the steps before the trainer add, and that it does not write anew.</summary>
    public static HashSet<string> IntermediateColumns(this ITransformer model, DataViewSchema input)
    {
        var schema = input;
        var names = new HashSet<string>();
        var before = true;
        foreach (var step in model.Steps())
        {
            before &= step is not RecurrentTransformer;
            var known = schema;
            schema = step.GetOutputSchema(schema);
            foreach (var name in schema.AddedTo(known))
            {
                if (before) names.Add(name);
                else names.Remove(name);
            }
        }
        return names;
    }

    /// <summary>The names of the columns that are new in a schema. One that hides another stands right after it, not at the end.</summary>
    public static IEnumerable<string> AddedTo(this DataViewSchema schema, DataViewSchema known) => schema.GroupBy(static column => column.Name)
        .Where(group => group.Count() > known.Count(column => column.Name == group.Key)).Select(static group => group.Key);
}
