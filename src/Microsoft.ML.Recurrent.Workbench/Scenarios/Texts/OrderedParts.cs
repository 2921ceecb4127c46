using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>Parts of rows in their order: the last ones are held out.</summary>
internal static class OrderedParts
{
    public static ScenarioParts Create(MLContext mlContext, ScenarioRequest request)
    {
        var rows = request.Training.View;
        if (request.IsForPrediction) return ScenarioParts.Whole(rows);
        long count = 0;
        using (var cursor = rows.GetRowCursor([]))
        {
            while (cursor.MoveNext()) count++;
        }
        var test = request.Test is not null || request.TestFraction == 0 ? 0 : Part(count, request.TestFraction);
        var validation = request.Validation is not null ? 0 : Part(count - test, request.ValidationFraction);
        var train = count - test - validation;
        if (train < 1)
            throw new ArgumentException(
                TextColumns.Say($"'{request.Training.Path}' has {count} rows: too few for a part to learn from, one for validation and one for a test."));
        var learning = test == 0 ? null : Take(count - test);
        var learned = learning?.Apply(mlContext, rows) ?? rows;
        var (trainPart, validationPart) = validation == 0 ? (null, null) : (Take(train), Skip(train));
        return new(learning, trainPart, validationPart, learned, trainPart?.Apply(mlContext, learned) ?? learned,
            request.Validation?.View ?? validationPart!.Apply(mlContext, learned),
            request.Test?.View ?? (test == 0 ? null : Skip(count - test).Apply(mlContext, rows)));

        static long Part(long rows, double fraction) => Math.Max(1, (long)Math.Round(rows * fraction));
    }

    private static DataStep Take(long rows) =>
        new(TextColumns.Say($"mlContext.Data.TakeRows(data, {rows})"), (mlContext, data) => mlContext.Data.TakeRows(data, rows));

    private static DataStep Skip(long rows) =>
        new(TextColumns.Say($"mlContext.Data.SkipRows(data, {rows})"), (mlContext, data) => mlContext.Data.SkipRows(data, rows));
}
