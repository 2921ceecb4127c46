using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

/// <summary>A row of a test's series.</summary>
internal sealed class SeriesRow
{
    public string Series { get; set; } = "";

    public DateTime Time { get; set; }

    public float Value { get; set; }
}

/// <summary>The answer of a test's forecaster, three steps.</summary>
internal sealed class ThreeSteps
{
    [VectorType(TestForecasters.Horizon)]
    public float[] Forecast { get; set; } = [];

    [VectorType(TestForecasters.Horizon)]
    public float[] Lower { get; set; } = [];

    [VectorType(TestForecasters.Horizon)]
    public float[] Upper { get; set; } = [];
}

/// <summary>Forecasters whose answers are known beforehand.</summary>
internal static class TestForecasters
{
    public const int Horizon = 3;

    /// <summary>The last value at all steps, with bounds one below and one above; NaN for values below <paramref name="silentBelow"/>.</summary>
    public static IEstimator<ITransformer> LastValue(MLContext context, float silentBelow = float.NegativeInfinity) =>
        context.Transforms.CustomMapping<SeriesRow, ThreeSteps>((row, answer) =>
    {
        var value = row.Value < silentBelow ? float.NaN : row.Value;
        (answer.Forecast, answer.Lower, answer.Upper) = ([value, value, value], [value - 1, value - 1, value - 1], [value + 1, value + 1, value + 1]);
    }, contractName: null);

    /// <summary>An estimator that tells which rows each fit saw.</summary>
    public static IEstimator<ITransformer> Watched(this IEstimator<ITransformer> inner, MLContext context, List<SeriesRow[]> fits) =>
        new Estimator(inner, data =>
    {
        fits.Add([.. context.Data.CreateEnumerable<SeriesRow>(data, reuseRowObject: false)]);
        return inner.Fit(data);
    });

    /// <summary>An estimator whose transformers are replaced or looked at.</summary>
    public static IEstimator<ITransformer> Then(this IEstimator<ITransformer> inner, Func<ITransformer, ITransformer> change) =>
        new Estimator(inner, data => change(inner.Fit(data)));

    /// <summary>A transformer of which nothing is known: each row might depend on all others.</summary>
    public static ITransformer Opaque(ITransformer inner) => new OpaqueTransformer(inner);

    /// <summary>Forecasts the mean of all rows that it is given to transform, past and future: a leak.</summary>
    public static IEstimator<ITransformer> Leaky(MLContext context)
    {
        var inner = LastValue(context);
        return new Estimator(inner, data => new LeakyTransformer(context, inner.Fit(data)));
    }

    private sealed class Estimator(IEstimator<ITransformer> inner, Func<IDataView, ITransformer> fit) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);
    }

    private sealed class LeakyTransformer(MLContext context, ITransformer inner) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public IDataView Transform(IDataView input)
        {
            var mean = context.Data.CreateEnumerable<SeriesRow>(input, reuseRowObject: false).Average(row => row.Value);
            return context.Transforms.CustomMapping<SeriesRow, ThreeSteps>((row,
                answer) => (answer.Forecast, answer.Lower, answer.Upper) = ([mean, mean, mean], [mean, mean, mean], [mean, mean, mean]), contractName: null)
                .Fit(input).Transform(input);
        }
    }

    private sealed class OpaqueTransformer(ITransformer inner) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => inner.Transform(input);
    }
}
