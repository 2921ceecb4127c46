using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>The space of a network's windows: standardized, then normalized by the level and scale of each window.</summary>
/// <param name="Window">The windows in that space, [time, rows, features].</param>
/// <param name="Level">The level removed from each feature of a row, [rows, features]; null for none.</param>
/// <param name="Scale">The scale by which it was divided, [rows, features]; null for none.</param>
/// <param name="Mean">The mean of the features over the training set, [features]; null without standardization.</param>
/// <param name="Deviation">Their standard deviation, [features]; null without standardization.</param>
internal readonly record struct WindowSpace(Tensor Window, Tensor? Level, Tensor? Scale, Tensor? Mean, Tensor? Deviation)
{
    /// <inheritdoc cref="TargetSpace.ToData"/>
    public float ToData(float value, int row, int feature, bool isSpread = false) => TargetSpace.ToData(new Place(this, row, feature), value, isSpread);

    /// <inheritdoc cref="TargetSpace.FromData"/>
    public float FromData(float value, int row, int feature) => TargetSpace.FromData(new Place(this, row, feature), value);

    /// <summary>The length of one data unit in this space.</summary>
    public float UnitFromData(int row, int feature) =>
        1 / ((Deviation is null ? 1 : Deviation[feature]) * (Scale is null ? 1 : Scale[row * Scale.Shape.Columns + feature]));

    // One feature of one row. Absent statistics are skipped, so that they cause no rounding.
    private readonly struct Place(WindowSpace space, int row, int feature) : ITargetSpace<float>
    {
        public float Add(float x, SpaceStatistic statistic) => Find(statistic) is { } values ? x + At(values) : x;

        public float Subtract(float x, SpaceStatistic statistic) => Find(statistic) is { } values ? x - At(values) : x;

        public float Multiply(float x, SpaceStatistic statistic) => Find(statistic) is { } values ? x * At(values) : x;

        public float Divide(float x, SpaceStatistic statistic) => Find(statistic) is { } values ? x / At(values) : x;

        private Tensor? Find(SpaceStatistic statistic) => statistic switch
        {
            SpaceStatistic.Level => space.Level,
            SpaceStatistic.Scale => space.Scale,
            SpaceStatistic.Mean => space.Mean,
            _ => space.Deviation,
        };

        // Statistics of windows are [rows, features], those of the training set [features].
        private float At(Tensor values) => values[values.Shape.Rank == 1 ? feature : row * values.Shape.Columns + feature];
    }
}
