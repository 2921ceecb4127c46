using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks.Accuracy;

/// <summary>
/// A data set with its split. Validation rows begin with one window of the training part, test rows with one window of the part before. Without
/// <paramref name="Validation"/> the trainer holds out a part of the training rows itself.
/// </summary>
/// <param name="Name">The set's name.</param>
/// <param name="Window">Steps per window.</param>
/// <param name="Horizon">Steps per forecast.</param>
/// <param name="Metric">The error, with its unit.</param>
/// <param name="Train">The rows of the training part, series by series.</param>
/// <param name="Validation">The rows of the validation part.</param>
/// <param name="Test">The rows of the test part; those without a whole horizon after them are not forecast.</param>
internal sealed record AccuracySet(string Name, int Window, int Horizon, string Metric, SeriesRow[] Train, SeriesRow[]? Validation, SeriesRow[] Test)
{
    /// <summary>Whether errors are squared, in units of each channel's standard deviation over the training rows; else they are absolute.</summary>
    public bool IsSquared { get; init; }

    /// <summary>Rows from one origin of the test part to the next.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Whether <see cref="SeriesRow.Known"/> holds covariates that are known ahead.</summary>
    public bool HasKnown { get; init; }

    /// <summary>Sets what the set's sample sets beside input and horizon.</summary>
    public Action<RecurrentForecastingEstimator.Options> Configure { get; init; } = static _ => { };

    private int Channels => Train[0].Values.Length;

    /// <summary>The rows as ML.NET reads them.</summary>
    public IDataView View(MLContext context, SeriesRow[] rows)
    {
        var schema = SchemaDefinition.Create(typeof(SeriesRow));
        schema[nameof(SeriesRow.Values)].ColumnType = Vector(Channels);
        schema[nameof(SeriesRow.Known)].ColumnType = Vector(Math.Max(1, Train[0].Known.Length));
        return context.Data.LoadFromEnumerable(rows, schema);

        static VectorDataViewType Vector(int size) => new(NumberDataViewType.Single, size);
    }

    /// <summary>The options of a run, the set's own among them.</summary>
    public RecurrentForecastingEstimator.Options Options()
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = nameof(SeriesRow.Values), TimeColumnName = nameof(SeriesRow.Time), SeriesColumnNames = [nameof(SeriesRow.Series)],
                FutureCovariateColumnNames = HasKnown ? [nameof(SeriesRow.Known)] : [], WindowSize = Window,
            },
            Horizon = Horizon,
        };
        Configure(options);
        return options;
    }

    /// <summary>The mean error of the forecasts of rows that begin with one window: those of the validation or the test part.</summary>
    public double Error(SeriesRow[] rows, float[][] forecasts)
    {
        var deviations = Enumerable.Range(0, Channels).Select(channel => Deviation([.. Train.Select(row => row.Values[channel])])).ToArray();
        double sum = 0, count = 0;
        for (var first = 0; first < rows.Length;)
        {
            var end = first;
            while (end < rows.Length && rows[end].Series == rows[first].Series) end++;
            for (var row = first + Window - 1; row + Horizon < end; row += Stride)
            {
                for (var i = 0; i < Horizon * Channels; i++)
                {
                    var (truth, channel) = (rows[row + 1 + i / Channels].Values[i % Channels], i % Channels);
                    if (float.IsNaN(truth)) continue;
                    double error = forecasts[row][i] - truth;
                    sum += IsSquared ? Math.Pow(error / deviations[channel], 2) : Math.Abs(error);
                    count++;
                }
            }
            first = end;
        }
        return sum / count;
    }

    private static double Deviation(float[] values)
    {
        var mean = values.Average(value => (double)value);
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
