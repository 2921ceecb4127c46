namespace Microsoft.ML.Recurrent;

/// <summary>The metrics of a training run at one step.</summary>
public sealed class TrainingLogEntry
{
    /// <summary>Weight updates so far.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The time of the entry.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Time since the start of the run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// Names and values: <c>train/loss</c>, <c>train/gradient_norm</c>, <c>train/learning_rate</c>, <c>train/sequences_per_second</c>; at the end of an epoch
    /// <c>epoch/train_loss</c> and <c>epoch/validation_loss</c>; with statistics also <c>gradient_norm/PARAMETER</c>, <c>weight_norm/PARAMETER</c>,
    /// <c>activation_mean/LAYER</c>, <c>activation_deviation/LAYER</c>, <c>activation_saturated/LAYER</c> and <c>gradient_flow/LAYER</c>.
    /// </summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Values { get; init; }
}
