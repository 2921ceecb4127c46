namespace Microsoft.ML.Recurrent;

/// <summary>The figures of one moment of a training run.</summary>
public sealed class TrainingLogEntry
{
    /// <summary>Updates of the weights done so far.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>When it was.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Time since the run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// Names and values: <c>train/loss</c>, <c>train/gradient_norm</c>, <c>train/learning_rate</c>, <c>train/sequences_per_second</c>; at the end of an epoch
    /// <c>epoch/train_loss</c> and <c>epoch/validation_loss</c>; where statistics are asked for, <c>gradient_norm/PARAMETER</c>, <c>weight_norm/PARAMETER</c>,
    /// <c>activation_mean/LAYER</c>, <c>activation_deviation/LAYER</c>, <c>activation_saturated/LAYER</c> and <c>gradient_flow/LAYER</c>.
    /// </summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Values { get; init; }
}
