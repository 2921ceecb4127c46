using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The answers of models whose graphs were written before they said which rows have no answer: what such a graph gives for a row with a number that is NaN or
/// infinite, a plausible number perhaps, becomes NaN, a missing key, or false.
/// </summary>
internal static class UnansweredRows
{
    /// <summary>Whether a model's answers have to be looked after.</summary>
    public static bool AreToBeMarked(RecurrentModel model) =>
        !model.Manifest.MarksUnanswered && !model.Manifest.IsForeignGraph && model.Metadata.Network is { AllowsMissing: false };

    /// <summary>Overwrites the answers of such rows of a batch that was scored.</summary>
    public static void Mark(ScoringBatch batch)
    {
        for (var row = 0; row < batch.Rows; row++)
        {
            if (HasAnswer(batch, row)) continue;
            foreach (var output in batch.Outputs)
            {
                if (output.Column.Kind is OutputKind.Single) output.Row<float>(row).Fill(float.NaN);
                else if (output.Column.Kind is OutputKind.Boolean) output.Row<byte>(row).Clear();
                else output.Row<long>(row).Clear();
            }
        }
    }

    /// <summary>Whether the numbers of a row are finite.</summary>
    public static bool HasAnswer(ScoringBatch batch, int row)
    {
        for (var input = 0; input < batch.Inputs.Length; input++)
        {
            if (batch.Inputs[input] is { IsInteger: true } or { IsText: true } || input == batch.NoiseInput) continue;
            if (batch.Inputs[input].IsDouble ? !FiniteNumbers.All(batch.Doubles(row, input)) : !FiniteNumbers.All(batch.Values(row, input))) return false;
        }
        return true;
    }
}
