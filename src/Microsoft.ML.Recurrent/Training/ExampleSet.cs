using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>A subset of the examples of a source, by index.</summary>
internal readonly record struct ExampleSet(IExampleSource Source, int[] Examples) : ITrainingSet
{
    /// <summary>All examples of the source.</summary>
    public ExampleSet(IExampleSource source)
        : this(source, [.. Enumerable.Range(0, source.Count)])
    {
    }

    public int Count => Examples.Length;

    /// <summary>Ends a pass over the batches before the next one, with an exception.</summary>
    public CancellationToken Cancellation { get; init; }

    public string Unit => "sequences";

    public ExampleBatches Batches(int size, int? maximumSteps = null) => new(Source, Examples, size, maximumSteps) { Cancellation = Cancellation };

    /// <summary>At most <paramref name="most"/> evenly spaced examples: every n-th one.</summary>
    public ExampleSet Subsample(int most) => Every(Math.Max(1, (Examples.Length + most - 1) / most));

    /// <summary>Every n-th example.</summary>
    public ExampleSet Every(int n) => this with { Examples = [.. Examples.Where((_, i) => i % n == 0)] };

    IBatchSource ITrainingSet.Batches(int size, int? maximumSteps) => Batches(size, maximumSteps);
}
