using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;

/// <summary>The plan of an autoencoder.</summary>
internal sealed class AutoencoderPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request, SequenceLayout layout,
    Func<ScenarioTable, IDataView> prepare)
    : ScenarioPlan(scenario, mlContext, request)
{
    private const string Latent = "Latent", Reconstruction = "Reconstruction", Error = "ReconstructionError";

    // Of a channel that is constant in training, so that another value has a density.
    private const double LeastDeviation = 1e-3;

    /// <summary>The columns that a model makes.</summary>
    public static string[] Made { get; } = [Latent, Reconstruction, Error];

    public override double Validate(ITransformer model) => Measure(model, Validation).EvidenceLowerBound;

    public override IReadOnlyList<ExperimentFold>? Folds => RandomParts.Folds(Context, this, (model, rows) => Measure(model, rows).EvidenceLowerBound);

    /// <summary>The code of each sequence, and its error.</summary>
    public override Predictions Predict(ITransformer model, ScenarioTable table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var scored = model.Transform(prepare(table));
        var size = ((VectorDataViewType)scored.Schema[Latent].Type).Size;
        ImmutableArray<string> names = [.. layout.Series is null ? (string[])[] : [layout.Series],
            .. Enumerable.Range(1, size).Select(static i => Say($"{Latent}.{i}")), Error];
        return new(names, Read());

        IEnumerable<string[]> Read()
        {
            var series = layout.Series is null ? null : ColumnTexts.Read(scored, layout.Series).GetEnumerator();
            using var owned = series;
            foreach (var (code, error) in scored.GetColumn<float[]>(Latent).Zip(scored.GetColumn<float>(Error)))
            {
                series?.MoveNext();
                yield return [.. series is null ? (string[])[] : [series.Current], .. code.Append(error).Select(static value => Say($"{value:R}"))];
            }
        }
    }

    private protected override ScenarioEvaluation Evaluate(ITransformer model, IDataView rows)
    {
        var own = Measure(model, rows);
        var (learned, measured) = (Sequences(Learned).ToArray(), Sequences(rows).ToArray());
        var decoded = model.Transform(rows).GetColumn<float[]>(Reconstruction).Select(static row => Array.ConvertAll(row, static value => (double)value));
        return new([Metric, new("RMSE", false)],
            [
                new("Recurrent network", false, [own.EvidenceLowerBound, Rmse(measured, decoded)]), Independent(learned, measured),
            ], measured.Length)
        { Unit = "sequences" };
    }

    // Normal numbers that know of no others: one distribution for each step and channel, or for each channel where lengths vary.
    private EvaluationLine Independent(double[][] learned, double[][] measured)
    {
        var period = learned.Concat(measured).Select(static row => row.Length).Distinct().Count() == 1 ? learned[0].Length : Channels();
        var (means, deviations) = (new double[period], new double[period]);
        for (var place = 0; place < period; place++)
        {
            double[] values = [.. learned.SelectMany(row => row.Where((_, i) => i % period == place))];
            means[place] = values.Average();
            deviations[place] = Math.Max(LeastDeviation, Math.Sqrt(values.Average(value => (value - means[place]) * (value - means[place]))));
        }
        var density = measured.Average(row => row.Select((value, i) =>
        {
            var z = (value - means[i % period]) / deviations[i % period];
            return -0.5 * z * z - Math.Log(deviations[i % period]) - 0.5 * Math.Log(2 * Math.PI);
        }).Sum());
        var usual = measured.Select(row => row.Select((_, i) => means[i % period]).ToArray());
        return new("Normal numbers, each by itself", true, [density, Rmse(measured, usual)]);
    }

    private int Channels() => ((VectorDataViewType)WithSequences(Learned).Schema[SequenceLayout.Sequence].Type).Dimensions is [_, var channels] ? channels : 1;

    private static double Rmse(double[][] rows, IEnumerable<double[]> decoded)
    {
        var (squares, count) = (0.0, 0L);
        foreach (var (row, other) in rows.Zip(decoded))
        {
            for (var i = 0; i < row.Length; i++) squares += (row[i] - other[i]) * (row[i] - other[i]);
            count += row.Length;
        }
        return Math.Sqrt(squares / count);
    }

    private IDataView WithSequences(IDataView rows) => layout.Concatenation()?.Create(Context).Fit(rows).Transform(rows) ?? rows;

    private IEnumerable<double[]> Sequences(IDataView rows)
    {
        var read = WithSequences(rows);
        return ((VectorDataViewType)read.Schema[SequenceLayout.Sequence].Type).ItemType.RawType == typeof(double)
            ? read.GetColumn<double[]>(SequenceLayout.Sequence)
            : read.GetColumn<float[]>(SequenceLayout.Sequence).Select(static row => Array.ConvertAll(row, static value => (double)value));
    }

    private static RecurrentAutoencoderMetrics Measure(ITransformer model, IDataView rows)
    {
        var steps = ((TransformerChain<ITransformer>)model).ToArray();
        foreach (var step in steps[..^1]) rows = step.Transform(rows);
        return ((RecurrentAutoencoderTransformer)steps[^1]).Evaluate(rows);
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
