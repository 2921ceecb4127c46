using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Regression;

/// <summary>Compares vectors of labels with those predicted.</summary>
internal static class MultiOutputEvaluation
{
    public static MultiOutputRegressionMetrics Run(IDataView data, string labelName, string scoreName)
    {
        var (label, score) = (Find(data.Schema, labelName, "label"), Find(data.Schema, scoreName, "score"));
        Sums[] outputs = [.. Enumerable.Range(0, OutputsOf(label, score)).Select(_ => new Sums())];
        using var cursor = data.GetRowCursor([label, score]);
        var (readLabel, readScore) = (NumberVector.Open(cursor, label), NumberVector.Open(cursor, score));
        while (cursor.MoveNext())
        {
            var (count, found) = (readLabel.Read(), readScore.Read());
            if (count != found || count % outputs.Length != 0)
            {
                throw ColumnErrors.Value("score", score.Name, cursor.Position,
                    $"{ColumnErrors.Holds(found, "numbers")}, but the column '{label.Name}' holds {count}: both must be of the same outputs or steps.");
            }
            ReadOnlySpan<float> wanted = readLabel.Values, given = readScore.Values;
            for (var i = 0; i < wanted.Length; i++)
                if (!float.IsNaN(wanted[i])) outputs[i % outputs.Length].Add(wanted[i], given[i]);
        }
        var names = LabelReader.SlotNames(label) is { Length: > 0 } own ? own : LabelReader.SlotNames(score);
        return new([.. outputs.Select((sums, i) => sums.ToMetrics(
            i < names.Length && names[i].Length > 0 ? names[i] : i.ToString(CultureInfo.InvariantCulture)))]);
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string role)
    {
        var column = Columns.Find(schema, name, role);
        return column.Type is VectorDataViewType { ItemType: NumberDataViewType } ? column
            : throw ColumnErrors.Mismatch(role, name, "a vector of numbers", column.Type.ToString()!,
                column.Type is NumberDataViewType ? "A regression with one number per row is evaluated by mlContext.Regression.Evaluate." : null);
    }

    // A vector of varying size has steps, each of its last dimension's numbers.
    private static int OutputsOf(DataViewSchema.Column label, DataViewSchema.Column score)
    {
        var (wanted, given) = ((VectorDataViewType)label.Type, (VectorDataViewType)score.Type);
        var steps = !given.IsKnownSize ? given : !wanted.IsKnownSize ? wanted : null;
        return steps is null ? wanted.Size : steps.Dimensions.Length > 1 ? steps.Dimensions[^1] : 1;
    }

    private sealed class Sums
    {
        private long _count;
        private double _absolute, _squared, _mean, _spread;

        public void Add(double wanted, double given)
        {
            var (error, delta) = (given - wanted, wanted - _mean);
            _absolute += Math.Abs(error);
            _squared += error * error;
            // Squares about the mean in one pass (Welford 1962).
            _mean += delta / ++_count;
            _spread += delta * (wanted - _mean);
        }

        public RegressionOutputMetrics ToMetrics(string name) =>
            new(name, _count, _absolute / _count, Math.Sqrt(_squared / _count), _spread > 0 ? 1 - _squared / _spread : double.NaN);
    }
}
