using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Onnx.Import.Equations;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>A vector of one step of a cell that is written out: its features, in parts that were joined, as normal forms.</summary>
/// <param name="Parts">The parts of the features, in order.</param>
/// <param name="Axes">The role of each axis; the features are the last.</param>
internal sealed record StepVector(ImmutableArray<LinearForm> Parts, ImmutableArray<AxisRole> Axes) : GraphValue
{
    /// <summary>The same tensor as the states after the last step of layers that were recognised; null if it is none.</summary>
    public SequenceValue? Answer { get; init; }

    public int Width => Parts.Sum(part => part.Width);

    /// <summary>The forms that two vectors have part by part, cut where either has a border.</summary>
    public static IEnumerable<(LinearForm A, LinearForm B)> Aligned(EquationSystem system, StepVector a, StepVector b)
    {
        int[] Borders(StepVector x) => [.. x.Parts.Select((_, i) => x.Parts.Take(i).Sum(part => part.Width))];
        int[] cuts = [.. Borders(a).Concat(Borders(b)).Distinct().Order(), a.Width];
        for (var i = 0; i + 1 < cuts.Length; i++)
            yield return (a.Slice(system, cuts[i], cuts[i + 1] - cuts[i])[0], b.Slice(system, cuts[i], cuts[i + 1] - cuts[i])[0]);
    }

    /// <summary>Some of the features.</summary>
    public ImmutableArray<LinearForm> Slice(EquationSystem system, int from, int count)
    {
        var parts = ImmutableArray.CreateBuilder<LinearForm>();
        var start = 0;
        foreach (var part in Parts)
        {
            int first = Math.Max(from, start), last = Math.Min(from + count, start + part.Width);
            if (first < last) parts.Add(system.Slice(part, first - start, last - first));
            start += part.Width;
        }
        return parts.ToImmutable();
    }
}
