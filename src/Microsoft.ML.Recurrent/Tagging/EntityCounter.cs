namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>Counts entities as conlleval does: a predicted one is correct if its first step, its last one and its type are those of a labeled one.</summary>
internal sealed class EntityCounter(EntityTags tags)
{
    private readonly List<(int Start, int End, int Type)> _labeled = [], _predicted = [];

    /// <summary>Labeled entities, by type.</summary>
    public double[] Labeled { get; } = new double[tags.Types.Length];

    /// <summary>Predicted entities, by type.</summary>
    public double[] Predicted { get; } = new double[tags.Types.Length];

    /// <summary>Correctly predicted entities, by type.</summary>
    public double[] Correct { get; } = new double[tags.Types.Length];

    /// <summary>Adds a sequence, whose entities count by its weight; negative tags count as O.</summary>
    public void Add(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, double weight = 1)
    {
        tags.Find(labels, _labeled);
        tags.Find(predicted, _predicted);
        foreach (var entity in _labeled) Labeled[entity.Type] += weight;
        foreach (var entity in _predicted) Predicted[entity.Type] += weight;
        // Both lists are in order.
        for (int i = 0, j = 0; i < _labeled.Count && j < _predicted.Count;)
        {
            if (_labeled[i] == _predicted[j]) Correct[_labeled[i].Type] += weight;
            if (_labeled[i].Start <= _predicted[j].Start) i++;
            else j++;
        }
    }

    /// <summary>F1 of the entities: 2 correct / (labeled + predicted); 0 without any.</summary>
    public static double F1(double correct, double labeled, double predicted) => labeled + predicted == 0 ? 0 : 2 * correct / (labeled + predicted);
}
