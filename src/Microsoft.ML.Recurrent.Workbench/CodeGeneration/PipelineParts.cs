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
            var count = schema.Count;
            schema = step.GetOutputSchema(schema);
            foreach (var column in schema.Skip(count))
            {
                if (before) names.Add(column.Name);
                else names.Remove(column.Name);
            }
        }
        return names;
    }
}
