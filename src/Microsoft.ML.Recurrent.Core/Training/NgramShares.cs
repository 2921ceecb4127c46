using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Weights the outputs of the layers and of the path over n-grams by the loss of the validation part (stacking, Wolpert 1992): where n-grams tell nothing, the
/// path learns the training part by heart and would spoil what the layers know.
/// </summary>
internal static class NgramShares
{
    // Equal shares are hard to beat: others need a loss that is lower by this factor.
    private const double Better = 0.95;

    // The layers are never left out.
    private static readonly float[] s_layers = [0.5f, 0.25f, 1, 2], s_path = [0.5f, 0, 0.25f, 1, 2];

    /// <summary>Sets equal shares of the smallest loss, or others if these are much better.</summary>
    /// <param name="network">A network with a path.</param>
    /// <param name="head">Its head.</param>
    /// <param name="source">The validation part.</param>
    /// <param name="cancellation">Ends the pass.</param>
    /// <returns>The mean loss of the path alone.</returns>
    public static double Fit(Network network, Head head, IBatchSource source, CancellationToken cancellation)
    {
        (float Layers, float Path)[] shares = [.. from layers in s_layers from path in s_path select (layers, path)];
        var losses = new double[shares.Length];
        double own = 0, weights = 0;
        foreach (var (tape, batch) in source.ForInference(cancellation))
        {
            var weight = Learner.WeightOf(batch);
            var output = network.Forward(tape, batch, new() { KeepsNgramsApart = true });
            own += weight * head.PlainLoss(tape, output with { Values = output.Ngrams! }, batch).Span[0];
            weights += weight;
            for (var i = 0; i < shares.Length; i++)
            {
                var values = AddScaledOperation.Apply(tape, output.Values, output.Ngrams!, shares[i].Layers, shares[i].Path);
                losses[i] += weight * head.PlainLoss(tape, output with { Values = values }, batch).Span[0];
            }
        }
        var equal = Enumerable.Range(0, shares.Length).Where(i => shares[i].Layers == shares[i].Path).MinBy(i => losses[i]);
        var best = Array.IndexOf(losses, losses.Min());
        (network.Ngrams!.Shares.Value[0], network.Ngrams.Shares.Value[1]) = shares[losses[best] < Better * losses[equal] ? best : equal];
        return own / weights;
    }
}
