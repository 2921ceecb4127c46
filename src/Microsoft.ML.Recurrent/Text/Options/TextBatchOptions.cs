namespace Microsoft.ML.Recurrent;

/// <summary>How a language model's text is cut into batches.</summary>
public sealed class TextBatchOptions : IOptionGroup
{
    /// <summary>
    /// Whether all rows are one text: the network's states are carried from row to row, in training and in
    /// <see cref="RecurrentLanguageModelTransformer.Evaluate(IDataView, bool?)"/>. If false, each row is independent. Default: true.
    /// </summary>
    public bool Stateful { get; set; } = true;

    /// <summary>
    /// Steps of one batch, and of truncated backpropagation through time, at least 1; it has no effect unless <see cref="Stateful"/>. Default: 20.
    /// </summary>
    [SearchChoice("20", "35")]
    public int StepsPerBatch { get; set; } = 20;

    /// <summary>
    /// Whether the gradient is that of the loss summed over a row's steps and averaged over rows (Zaremba et al. 2014), instead of averaged over both: with
    /// plain gradient descent a step is then longer by the number of steps. Reported losses are means over tokens in any case. Default: false.
    /// </summary>
    public bool SumLossOverSteps { get; set; }

    internal void Check() => new OptionChecks("Batches").AtLeastOne(StepsPerBatch);
}
