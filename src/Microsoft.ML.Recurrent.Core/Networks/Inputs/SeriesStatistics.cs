using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>The tables of <see cref="SeriesScaling"/> and the series of each row of a batch.</summary>
/// <param name="Level">Null if levels come from the windows.</param>
/// <param name="Scale">0 if the scale of the series is unknown.</param>
/// <param name="Ids">The series of each row; null if there is only one series.</param>
/// <param name="Hidden">1 for rows to normalize by the statistics of their window although those of the series are known, [rows]; null for none.</param>
internal readonly record struct SeriesStatistics(Tensor? Level, Tensor Scale, int[]? Ids, Tensor? Hidden)
{
    /// <summary>Whether a row is to be normalized by the statistics of its window.</summary>
    public bool IsHidden(int row) => Hidden is not null && Hidden[row] > 0;

    /// <summary>The scale of a feature of a row; 0 if unknown.</summary>
    public float ScaleOf(int row, int feature) => Scale[Place(row, feature)];

    /// <summary>The level of a feature of a row, if levels come from the series; otherwise 0.</summary>
    public float LevelOf(int row, int feature) => Level is null ? 0 : Level[Place(row, feature)];

    private int Place(int row, int feature) => (Ids is null ? 0 : Ids[row]) * Scale.Shape.Columns + feature;
}
