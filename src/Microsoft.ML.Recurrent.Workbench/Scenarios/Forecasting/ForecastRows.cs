using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;

/// <summary>The forecasts after the last observed row of each series, as rows of texts.</summary>
internal static class ForecastRows
{
    private sealed record Last(string[] Keys, DateTime Time, float[] Forecast, float[] Lower, float[] Upper);

    /// <summary>Reads all rows, then returns a row for each series, step and target.</summary>
    public static IEnumerable<string[]> Read(ITransformer model, IDataView rows, ForecastColumns columns, int horizon, TimeFrequency? frequency)
    {
        var scored = model.Transform(rows);
        var last = new Dictionary<string, Last>();
        var order = new List<string>();
        var names = columns.Series.Concat(columns.Targets).Concat(frequency is null ? [] : [columns.Time!])
            .Concat([columns.Outputs.Forecast, columns.Outputs.Lower, columns.Outputs.Upper]).Distinct();
        using (var cursor = scored.GetRowCursor(names.Select(name => scored.Schema[name])))
        {
            ValueGetter<ReadOnlyMemory<char>>[] keys = [.. columns.Series.Select(name => cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema[name]))];
            Func<bool>[] observed = [.. columns.Targets.Select(name => Observed(cursor, scored.Schema[name]))];
            var getTime = frequency is null ? null : cursor.GetGetter<DateTime>(scored.Schema[columns.Time!]);
            var (forecast, lower, upper) = (Numbers(columns.Outputs.Forecast), Numbers(columns.Outputs.Lower), Numbers(columns.Outputs.Upper));
            ReadOnlyMemory<char> text = default;
            DateTime time = default;
            while (cursor.MoveNext())
            {
                // Rows after the last observation are there for what is known in advance.
                if (!observed.Any(static is_ => is_())) continue;
                string[] own = [.. keys.Select(getter =>
                {
                    getter(ref text);
                    return text.ToString();
                })];
                getTime?.Invoke(ref time);
                var name = string.Join('\u001f', own);
                if (!last.ContainsKey(name)) order.Add(name);
                last[name] = new(own, time, forecast(), lower(), upper());
            }

            Func<float[]> Numbers(string name)
            {
                var column = scored.Schema[name];
                if (column.Type is NumberDataViewType)
                {
                    var one = cursor.GetGetter<float>(column);
                    return () =>
                    {
                        float value = 0;
                        one(ref value);
                        return [value];
                    };
                }
                var many = cursor.GetGetter<VBuffer<float>>(column);
                VBuffer<float> buffer = default;
                return () =>
                {
                    many(ref buffer);
                    return [.. buffer.DenseValues()];
                };
            }
        }
        var series = order.Select(name => last[name]).ToArray();
        if (!columns.Future.IsEmpty && series.Length > 0 && series.All(static one => one.Forecast.All(float.IsNaN)))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The forecast reads {string.Join(", ", columns.Future)} of the {horizon} steps to come, but no series has them: add a row for each of these "
                + $"steps, with these columns and without {string.Join(", ", columns.Targets)}."));
        }
        return Write(series, columns, horizon, frequency);
    }

    private static IEnumerable<string[]> Write(Last[] all, ForecastColumns columns, int horizon, TimeFrequency? frequency)
    {
        var targets = columns.Targets.Length;
        foreach (var series in all)
        {
            for (var step = 0; step < horizon; step++)
            {
                for (var target = 0; target < targets; target++)
                {
                    var i = step * targets + target;
                    yield return
                    [
                        .. series.Keys,
                        .. frequency is null
                            ? []
                            : new[] { frequency.Add(series.Time, step + 1).ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) },
                        (step + 1).ToString(CultureInfo.InvariantCulture), .. targets == 1 ? [] : new[] { columns.Targets[target] },
                        Say(series.Forecast[i]), Say(series.Lower[i]), Say(series.Upper[i]),
                    ];
                }
            }
        }
    }

    private static Func<bool> Observed(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(double))
        {
            var getDouble = row.GetGetter<double>(column);
            return () =>
            {
                double value = 0;
                getDouble(ref value);
                return !double.IsNaN(value);
            };
        }
        var getSingle = row.GetGetter<float>(column);
        return () =>
        {
            float value = 0;
            getSingle(ref value);
            return !float.IsNaN(value);
        };
    }

    private static string Say(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
