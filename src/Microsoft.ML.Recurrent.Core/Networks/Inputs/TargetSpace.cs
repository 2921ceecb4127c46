namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>The statistics by which targets are normalised.</summary>
internal enum SpaceStatistic
{
    /// <summary>What was taken out of a window, in standardised units.</summary>
    Level,

    /// <summary>By what the window was divided then.</summary>
    Scale,

    /// <summary>The mean of a feature over the training part.</summary>
    Mean,

    /// <summary>Its standard deviation.</summary>
    Deviation,
}

/// <summary>Numbers, or nodes of a graph, that are combined with the statistics of their window and target. One that is not there changes nothing.</summary>
internal interface ITargetSpace<T>
{
    T Add(T x, SpaceStatistic statistic);

    T Subtract(T x, SpaceStatistic statistic);

    T Multiply(T x, SpaceStatistic statistic);

    T Divide(T x, SpaceStatistic statistic);
}

/// <summary>
/// Carries targets between the data's own unit (its logarithm, where features are transformed) and the space of a window, in tensors and in graphs.
/// </summary>
internal static class TargetSpace
{
    /// <summary>Carries a value into the data; of a spread, such as a deviation, the unit alone.</summary>
    public static T ToData<T, TSpace>(TSpace space, T x, bool isSpread = false)
        where TSpace : ITargetSpace<T>
    {
        x = space.Multiply(x, SpaceStatistic.Scale);
        if (!isSpread) x = space.Add(x, SpaceStatistic.Level);
        x = space.Multiply(x, SpaceStatistic.Deviation);
        return isSpread ? x : space.Add(x, SpaceStatistic.Mean);
    }

    /// <summary>Carries a value of the data into the space.</summary>
    public static T FromData<T, TSpace>(TSpace space, T x)
        where TSpace : ITargetSpace<T>
    {
        x = space.Divide(space.Subtract(x, SpaceStatistic.Mean), SpaceStatistic.Deviation);
        return space.Divide(space.Subtract(x, SpaceStatistic.Level), SpaceStatistic.Scale);
    }
}
