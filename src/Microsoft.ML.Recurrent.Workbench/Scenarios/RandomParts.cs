using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>Parts of rows that are independent of each other, drawn at random.</summary>
internal static class RandomParts
{
    private const int NumberOfFolds = 5, ManyRows = 300;

    /// <summary>Divides the rows of a request.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="request">The request.</param>
    /// <param name="prepare">Makes the rows of the pipeline of those of a table.</param>
    public static ScenarioParts Create(MLContext mlContext, ScenarioRequest request, Func<ScenarioTable, IDataView> prepare)
    {
        var rows = prepare(request.Training);
        if (request.IsForPrediction) return ScenarioParts.Whole(rows);
        var learning = request.Test is not null || request.TestFraction == 0 ? null : Part(request.TestFraction, request.Seed, test: false);
        var learned = learning?.Apply(mlContext, rows) ?? rows;
        var (trainPart, validationPart) = request.Validation is not null ? (null, null)
            : (Part(request.ValidationFraction, request.Seed, test: false), Part(request.ValidationFraction, request.Seed, test: true));
        return new(learning, trainPart, validationPart, learned, trainPart?.Apply(mlContext, learned) ?? learned,
            request.Validation is { } validation ? prepare(validation) : validationPart!.Apply(mlContext, learned),
            request.Test is { } test ? prepare(test) : learning is null ? null : Part(request.TestFraction, request.Seed, test: true).Apply(mlContext, rows));
    }

    /// <summary>Throws where a part that is needed has no row.</summary>
    /// <param name="plan">The plan.</param>
    /// <exception cref="ArgumentException">A part is empty.</exception>
    public static void CheckParts(ScenarioPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var (rows, part) in new[] { (plan.Train, "training"), (plan.Validation, "validation"), (plan.Test, "the test") })
        {
            if (rows is null || HasRows(rows)) continue;
            throw new ArgumentException($"The rows of '{plan.Request.Training.Path}' are too few: none is left for {part}. "
                + "Give more rows, or larger parts by --validation-fraction and --test-fraction.");
        }
    }

    /// <summary>
    /// The folds of a cross-validation of the rows that are not held out for the test; null where the validation rows are many enough to
    /// tell trials apart.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="measure">The metric of a model on some rows.</param>
    public static IReadOnlyList<ExperimentFold>? Folds(MLContext mlContext, ScenarioPlan plan, Func<ITransformer, IDataView, double> measure)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (Count(plan.Validation) >= ManyRows) return null;
        var metric = new ExperimentMetric(plan.Metric.Name, plan.Metric.HigherIsBetter, measure);
        var rows = Count(plan.Learned);
        return
        [
            .. ExperimentFold.CrossValidation(mlContext, plan.Learned, metric, NumberOfFolds, plan.Request.Seed)
                .Select(fold => fold with { Count = (int)(rows / NumberOfFolds) }),
        ];
    }

    private static long Count(IDataView rows)
    {
        if (rows.GetRowCount() is { } known) return known;
        var count = 0L;
        using var cursor = rows.GetRowCursor([]);
        while (cursor.MoveNext()) count++;
        return count;
    }

    private static bool HasRows(IDataView rows)
    {
        using var cursor = rows.GetRowCursor([]);
        return cursor.MoveNext();
    }

    private static DataStep Part(double fraction, int seed, bool test)
    {
        var code = string.Create(CultureInfo.InvariantCulture,
            $"mlContext.Data.TrainTestSplit(data, testFraction: {fraction}, seed: {seed}).{(test ? "TestSet" : "TrainSet")}");
        return new(code, (mlContext, data) =>
        {
            var parts = mlContext.Data.TrainTestSplit(data, fraction, seed: seed);
            return test ? parts.TestSet : parts.TrainSet;
        });
    }
}
