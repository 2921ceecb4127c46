using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>The space in which a network sees windows: standardised, then each by its own level and scale.</summary>
/// <param name="Window">The windows in that space, [time, rows, features].</param>
/// <param name="Level">What was taken out of each row's features, [rows, features]; null for nothing.</param>
/// <param name="Scale">By what they were divided then, likewise.</param>
/// <param name="Mean">The features' mean over the training part, [features]; null where nothing is standardised.</param>
/// <param name="Deviation">Their standard deviation, likewise.</param>
internal readonly record struct WindowSpace(Tensor Window, Tensor? Level, Tensor? Scale, Tensor? Mean, Tensor? Deviation)
{
    /// <inheritdoc cref="TargetSpace.ToData"/>
    public float ToData(float value, int row, int feature, bool isSpread = false) => TargetSpace.ToData(new Place(this, row, feature), value, isSpread);

    /// <inheritdoc cref="TargetSpace.FromData"/>
    public float FromData(float value, int row, int feature) => TargetSpace.FromData(new Place(this, row, feature), value);

    /// <summary>How many of the space's units one of the data's is.</summary>
    public float UnitFromData(int row, int feature) =>
        1 / ((Deviation is null ? 1 : Deviation[feature]) * (Scale is null ? 1 : Scale[row * Scale.Shape.Columns + feature]));

    // One feature of one row. What is not there is left out, so that no rounding comes in.
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

        // Statistics of windows are [rows, features], those of the training part [features].
        private float At(Tensor values) => values[values.Shape.Rank == 1 ? feature : row * values.Shape.Columns + feature];
    }
}
