using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>What the training rows of series hold: mean and standard deviation of their numbers, and the values of their categories.</summary>
internal static class SeriesMoments
{
    /// <summary>By category and id, whether the rows have the value; others have no embedding.</summary>
    public static bool[][] FindSeen(SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout)
    {
        bool[][] met = [.. layout.Categories.Select(category => new bool[category.Vocabulary])];
        foreach (var (from, to) in parts)
        {
            for (var row = from; met.Length > 0 && row < to; row++)
            {
                var ids = table.Values(row, 1)[layout.FirstCategory..];
                for (var i = 0; i < met.Length; i++) met[i][(int)ids[i]] = true;
            }
        }
        return met;
    }

    /// <summary>Mean and standard deviation of the numbers of some rows from an offset on, with the targets transformed.</summary>
    public static Moments Create(SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout, int offset, int width,
        TargetTransform transform = TargetTransform.None)
    {
        var moments = new Moments(width);
        Add(moments, table, parts, layout, offset, transform);
        return moments;
    }

    /// <summary>Adds the numbers of some rows from an offset on, with the targets transformed.</summary>
    public static void Add(Moments moments, SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout, int offset,
        TargetTransform transform = TargetTransform.None)
    {
        var values = new float[moments.Channels];
        foreach (var (from, to) in parts)
        {
            for (var row = from; values.Length > 0 && row < to; row++)
            {
                var numbers = table.Values(row, 1);
                for (var i = 0; i < values.Length; i++) values[i] = layout.Seen(numbers, offset + i);
                for (var i = 0; transform is not TargetTransform.None && i < layout.Targets; i++) values[i] = LoggedInputs.Log(values[i], transform);
                moments.Add(values);
            }
        }
    }
}
