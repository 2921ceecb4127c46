using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>
/// Finds the number that, added to the scores of the tag O, gives the best F1 score of the entities of a validation part (threshold moving). The likelihood
/// counts each step alike, so where entities are rare and new, a network answers O more often than is best for F1.
/// </summary>
internal sealed class EntityThreshold
{
    /// <summary>The fewest entities of a validation part by which a shift is chosen.</summary>
    public const int FewestEntities = 50;

    // Shifts from -8 to 8. A step is less than what a change of seed does.
    private const float Step = 0.5f;
    private const int Unshifted = 16, Candidates = 2 * Unshifted + 1, Folds = 10;

    private readonly int _outside;
    // By fold of the rows, then by shift.
    private readonly EntityCounter[][] _counters;
    private int _rows;

    private EntityThreshold(EntityTags entities)
    {
        _outside = entities.Outside;
        _counters = [.. Enumerable.Range(0, Folds).Select(_ => Enumerable.Range(0, Candidates).Select(_ => new EntityCounter(entities)).ToArray())];
    }

    /// <summary>
    /// The shift, and the F1 scores without and with it; null if no shift is better. It is taken if in a cross-validation, which chooses it on nine tenths of
    /// the rows and looks at the last tenth, F1 rises by more than the standard error of that.
    /// </summary>
    public static (float Shift, double Before, double After)? Find(Network network, Head head, EntityTags entities, IBatchSource validation,
        CancellationToken cancellation)
    {
        var search = new EntityThreshold(entities);
        foreach (var (tape, batch) in validation.ForInference(cancellation)) search.Add(tape, head, network.Forward(tape, batch), batch);
        return search.Choose();
    }

    private (float, double, double)? Choose()
    {
        var all = Scores(_ => true);
        if (_counters.Sum(fold => fold[0].Labeled.Sum()) < FewestEntities) return null;
        var gains = new double[Folds];
        for (var k = 0; k < Folds; k++)
        {
            var fold = k;
            var scores = Scores(other => other == fold);
            gains[k] = scores[Best(Scores(other => other != fold))] - scores[Unshifted];
        }
        var (mean, best) = (gains.Average(), Best(all));
        var error = Math.Sqrt(gains.Sum(gain => (gain - mean) * (gain - mean)) / (Folds * (Folds - 1)));
        return best != Unshifted && mean > error ? ((best - Unshifted) * Step, all[Unshifted], all[best]) : null;
    }

    // F1 of each shift, over some of the folds.
    private double[] Scores(Func<int, bool> takes)
    {
        var scores = new double[Candidates];
        EntityCounter[][] taken = [.. _counters.Where((_, fold) => takes(fold))];
        for (var i = 0; i < Candidates; i++)
            scores[i] = EntityCounter.F1(Sum(i, counter => counter.Correct), Sum(i, counter => counter.Labeled), Sum(i, counter => counter.Predicted));
        return scores;

        double Sum(int candidate, Func<EntityCounter, double[]> count) => taken.Sum(fold => count(fold[candidate]).Sum());
    }

    // The middle of the best three in a row, so that one lucky shift does not win; of equal ones the smallest.
    private static int Best(double[] scores)
    {
        return Enumerable.Range(1, Candidates - 2).OrderByDescending(Smooth).ThenBy(i => Math.Abs(i - Unshifted)).First();

        double Smooth(int i) => scores[i - 1] + scores[i] + scores[i + 1];
    }

    private void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        using var shifted = Tensor.Rent(output.Values.Shape);
        var (tags, labels, found) = (shifted.Shape.Columns, new int[batch.Time], new int[batch.Time]);
        for (var candidate = 0; candidate < Candidates; candidate++)
        {
            output.Values.Span.CopyTo(shifted.Span);
            for (var at = _outside; at < shifted.Length; at += tags) shifted[at] += (candidate - Unshifted) * Step;
            var answers = head.Answer(tape, output with { Values = shifted, Sequence = null });
            for (var row = 0; row < batch.Rows; row++)
            {
                var length = TaggingMetric.ReadRow(batch, answers, row, labels, found);
                _counters[(_rows + row) % Folds][candidate].Add(labels.AsSpan(0, length), found.AsSpan(0, length), batch.Weights?[row] ?? 1);
            }
        }
        _rows += batch.Rows;
    }
}
