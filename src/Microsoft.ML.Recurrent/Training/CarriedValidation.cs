using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Validation windows of a network that carries its states: each pass reads the series with the weights of that moment.</summary>
/// <param name="set">The windows.</param>
/// <param name="encode">Gives them the outputs of the layers.</param>
internal sealed class CarriedValidation(ExampleSet set, Func<ExampleSet, ExampleSet> encode) : ITrainingSet
{
    public int Count => set.Count;

    public string Unit => set.Unit;

    public IBatchSource Batches(int size, int? maximumSteps = null) => new Source(this, size);

    private sealed class Source(CarriedValidation owner, int size) : IBatchSource
    {
        private readonly int _batches = owner.Set.Batches(size).Batches;
        private IBatchSource? _pass;

        public long Count => owner.Set.Count;

        public int Batches => _pass?.Batches ?? _batches;

        public void Begin(ulong? seed)
        {
            _pass = owner.Encode(owner.Set).Batches(size);
            _pass.Begin(seed);
        }

        public bool Next(SequenceBatch batch) => _pass!.Next(batch);
    }

    private ExampleSet Set => set;

    private ExampleSet Encode(ExampleSet windows) => encode(windows);
}
