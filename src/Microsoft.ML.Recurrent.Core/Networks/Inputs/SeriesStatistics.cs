using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>The tables of <see cref="SeriesScaling"/> and whose rows a batch's are.</summary>
/// <param name="Level">Null where levels are the windows'.</param>
/// <param name="Scale">0 where the series has none.</param>
/// <param name="Ids">The series of each row; null where all are of the only one.</param>
/// <param name="Hidden">Rows (1) that are shown by their windows' own figures though their series has some, [rows]; null for none.</param>
internal readonly record struct SeriesStatistics(Tensor? Level, Tensor Scale, int[]? Ids, Tensor? Hidden)
{
    /// <summary>Whether a row is to be shown by its window's own figures.</summary>
    public bool IsHidden(int row) => Hidden is not null && Hidden[row] > 0;

    /// <summary>The scale of a row's feature; 0 for none.</summary>
    public float ScaleOf(int row, int feature) => Scale[Place(row, feature)];

    /// <summary>The level of a row's feature, where levels are the series'; else 0.</summary>
    public float LevelOf(int row, int feature) => Level is null ? 0 : Level[Place(row, feature)];

    private int Place(int row, int feature) => (Ids is null ? 0 : Ids[row]) * Scale.Shape.Columns + feature;
}
