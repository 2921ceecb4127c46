using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Holds out a random part of the examples for validation, determined by the seed.</summary>
internal static class RandomSplit
{
    /// <summary>Splits 0 to count - 1. With classes, the split is stratified; too few examples give an empty validation part.</summary>
    public static (int[] Train, int[] Validation) Split(int count, IReadOnlyList<int> classes, float fraction, ulong seed)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        if (fraction <= 0) return (order, []);
        new RandomStream(seed, "validation").Shuffle(order.AsSpan());
        // Sorted by class, every k-th example goes to validation, which stratifies the split.
        if (classes.Count > 0) order = [.. order.OrderBy(example => classes[example])];
        var validation = new List<int>();
        var train = new List<int>(count);
        for (var i = 0; i < count; i++)
        {
            var aside = Math.Floor((i + 0.5) * fraction + 0.5) > Math.Floor((i - 0.5) * fraction + 0.5);
            (aside && count > 1 ? validation : train).Add(order[i]);
        }
        // Restore the original order, so that the result does not depend on the sort algorithm.
        train.Sort();
        validation.Sort();
        return train.Count == 0 ? (order, []) : ([.. train], [.. validation]);
    }
}
