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
    /// <summary>A number of that space in the data's own unit (its logarithm, where features are transformed).</summary>
    public float ToData(float value, int row, int feature)
    {
        if (Scale is not null) value *= Scale[row * Scale.Shape.Columns + feature];
        if (Level is not null) value += Level[row * Level.Shape.Columns + feature];
        if (Deviation is not null) value *= Deviation[feature];
        return Mean is null ? value : value + Mean[feature];
    }

    /// <summary>A number of the data in that space.</summary>
    public float FromData(float value, int row, int feature)
    {
        if (Mean is not null) value -= Mean[feature];
        if (Deviation is not null) value /= Deviation[feature];
        if (Level is not null) value -= Level[row * Level.Shape.Columns + feature];
        return Scale is null ? value : value / Scale[row * Scale.Shape.Columns + feature];
    }

    /// <summary>How many of the space's units one of the data's is.</summary>
    public float UnitFromData(int row, int feature) =>
        1 / ((Deviation is null ? 1 : Deviation[feature]) * (Scale is null ? 1 : Scale[row * Scale.Shape.Columns + feature]));
}
