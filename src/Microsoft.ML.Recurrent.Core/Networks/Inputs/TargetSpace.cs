namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>The statistics used to normalize targets.</summary>
internal enum SpaceStatistic
{
    /// <summary>The level removed from a window, in standardized units.</summary>
    Level,

    /// <summary>The scale by which the window was divided after that.</summary>
    Scale,

    /// <summary>The mean of a feature over the training set.</summary>
    Mean,

    /// <summary>The standard deviation of a feature over the training set.</summary>
    Deviation,
}

/// <summary>Arithmetic of values, or graph nodes, with the statistics of their window and target. An absent statistic has no effect.</summary>
internal interface ITargetSpace<T>
{
    T Add(T x, SpaceStatistic statistic);

    T Subtract(T x, SpaceStatistic statistic);

    T Multiply(T x, SpaceStatistic statistic);

    T Divide(T x, SpaceStatistic statistic);
}

/// <summary>Maps targets between data units (logarithms, if transformed) and the normalized space of a window, for tensors and graphs.</summary>
internal static class TargetSpace
{
    /// <summary>Maps a value to data units; for a spread, such as a standard deviation, only the scale applies.</summary>
    public static T ToData<T, TSpace>(TSpace space, T x, bool isSpread = false)
        where TSpace : ITargetSpace<T>
    {
        x = space.Multiply(x, SpaceStatistic.Scale);
        if (!isSpread) x = space.Add(x, SpaceStatistic.Level);
        x = space.Multiply(x, SpaceStatistic.Deviation);
        return isSpread ? x : space.Add(x, SpaceStatistic.Mean);
    }

    /// <summary>Maps a value in data units to the normalized space.</summary>
    public static T FromData<T, TSpace>(TSpace space, T x)
        where TSpace : ITargetSpace<T>
    {
        x = space.Divide(space.Subtract(x, SpaceStatistic.Mean), SpaceStatistic.Deviation);
        return space.Divide(space.Subtract(x, SpaceStatistic.Level), SpaceStatistic.Scale);
    }
}
