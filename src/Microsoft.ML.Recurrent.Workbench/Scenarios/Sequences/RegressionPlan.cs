using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;

/// <summary>The plan of a regression on sequences.</summary>
internal sealed class RegressionPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request, SequenceLayout layout,
    Func<ScenarioTable, IDataView> prepare)
    : ScenarioPlan(scenario, mlContext, request)
{
    private const string Score = "Score";
    private const int MostPoints = 2000;

    public override double Validate(ITransformer model) => Measure(Pairs(model, Validation)).Rmse;

    public override IReadOnlyList<ExperimentFold>? Folds => RandomParts.Folds(Context, this, (model, rows) => Measure(Pairs(model, rows)).Rmse);

    public override Predictions Predict(ITransformer model, ScenarioTable table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var scored = model.Transform(prepare(table));
        ImmutableArray<string> names = layout.Series is null ? [Score] : [layout.Series, Score];
        // Told by the name of what is predicted, as it would be beside the label.
        return new([.. names[..^1], $"{layout.Label}.{Score}"], Read());

        IEnumerable<string[]> Read()
        {
            using var cursor = scored.GetRowCursor(names.Select(name => scored.Schema[name]));
            Func<string>[] readers = [.. names.Select(name => ColumnTexts.Open(cursor, scored.Schema[name]))];
            while (cursor.MoveNext()) yield return [.. readers.Select(static read => read())];
        }
    }

    private protected override ScenarioEvaluation Evaluate(ITransformer model, IDataView rows)
    {
        var pairs = Pairs(model, rows);
        var mean = Labels(Learned).Average();
        var lines = new List<EvaluationLine>
        {
            Line("Recurrent network", false, pairs), Line("Mean of the training rows", true, [.. Labels(rows).Select(label => (label, mean))]),
        };
        var concatenation = layout.Concatenation()?.Create(Context);
        var type = (concatenation?.Fit(Learned).Transform(Learned) ?? Learned).Schema[SequenceLayout.Sequence].Type;
        var summary = SequenceSummary.Create(Context, type);
        var linear = (concatenation?.Append(summary) ?? summary).Append(Context.Regression.Trainers.OnlineGradientDescent(layout.Label, SequenceSummary.Column))
            .Fit(Learned);
        lines.Add(Line("Linear regression on means and spreads", true, Pairs(linear, rows)));
        return new([Metric, new("MAE", false), new("RSquared", true)], [.. lines], pairs.Length) { Points = [.. pairs.Take(MostPoints)] };
    }

    private (double Label, double Prediction)[] Pairs(ITransformer model, IDataView rows)
    {
        var scored = model.Transform(rows);
        // Of the rows, not of the answers: there a label may be hidden by an output of its name.
        return [.. Labels(rows).Zip(scored.GetColumn<float>(Score), static (label, score) => (label, (double)score))
            .Where(static pair => !double.IsNaN(pair.label))];
    }

    private double[] Labels(IDataView rows) =>
        [.. ColumnTexts.Read(rows, layout.Label).Select(static text => double.Parse(text, CultureInfo.InvariantCulture))];

    private static EvaluationLine Line(string name, bool isBaseline, (double Label, double Prediction)[] pairs)
    {
        var (rmse, mae, rSquared) = Measure(pairs);
        return new(name, isBaseline, [rmse, mae, rSquared]);
    }

    private static (double Rmse, double Mae, double RSquared) Measure((double Label, double Prediction)[] pairs)
    {
        if (pairs.Length == 0) return (double.NaN, double.NaN, double.NaN);
        var mean = pairs.Average(static pair => pair.Label);
        var squares = pairs.Average(static pair => (pair.Label - pair.Prediction) * (pair.Label - pair.Prediction));
        var spread = pairs.Average(pair => (pair.Label - mean) * (pair.Label - mean));
        return (Math.Sqrt(squares), pairs.Average(static pair => Math.Abs(pair.Label - pair.Prediction)), spread == 0 ? double.NaN : 1 - squares / spread);
    }
}
