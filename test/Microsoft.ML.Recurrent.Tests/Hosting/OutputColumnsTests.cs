using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>Our columns carry what those of ML.NET's own trainers carry, type by type and annotation by annotation.</summary>
[TestClass]
public sealed class OutputColumnsTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Regression_is_annotated_like_ml_nets()
    {
        var data = Flat();
        var theirs = _context.Regression.Trainers.OnlineGradientDescent(featureColumnName: "Flat").Fit(data).GetOutputSchema(data.Schema);
        using var transformer = HostedModels.Regression(_context);
        AssertSame(theirs, transformer.GetOutputSchema(data.Schema), "Score");
    }

    [TestMethod]
    public void Binary_is_annotated_like_ml_nets()
    {
        var data = Flat();
        var theirs = _context.BinaryClassification.Trainers.LbfgsLogisticRegression("Flag", "Flat").Fit(data).GetOutputSchema(data.Schema);
        using var transformer = HostedModels.Binary(_context);
        AssertSame(theirs, transformer.GetOutputSchema(data.Schema), "PredictedLabel", "Score", "Probability");
    }

    [TestMethod]
    [DataRow("Text", LabelKind.Text)]
    [DataRow("Count", LabelKind.Int32)]
    [DataRow("Real", LabelKind.Single)]
    [DataRow("Wide", LabelKind.Double)]
    [DataRow("Flag", LabelKind.Boolean)]
    [DataRow("Small", LabelKind.Byte)]
    [DataRow("Large", LabelKind.UInt64)]
    public void Multiclass_is_annotated_like_ml_nets(string column, object kind)
    {
        var data = Flat();
        data = _context.Transforms.Conversion.MapValueToKey("Key", column).Fit(data).Transform(data);
        var theirs = _context.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Key", "Flat").Fit(data).GetOutputSchema(data.Schema);
        var values = KeyValues(data.Schema["Key"]);
        using var transformer = HostedModels.Multiclass(_context, new LabelManifest((LabelKind)kind, [.. values]), values.Length);
        AssertSame(theirs, transformer.GetOutputSchema(data.Schema), "PredictedLabel", "Score");
    }

    [TestMethod]
    public void Keys_without_values_have_none()
    {
        var data = Flat();
        using var transformer = HostedModels.Multiclass(_context, null, classes: 4);
        var schema = transformer.GetOutputSchema(data.Schema);
        Assert.AreEqual(4UL, ((KeyDataViewType)schema["PredictedLabel"].Type).Count);
        Assert.IsNull(schema["PredictedLabel"].Annotations.Schema.GetColumnOrNull("KeyValues"));
        Assert.IsNull(schema["Score"].Annotations.Schema.GetColumnOrNull("SlotNames"));
    }

    [TestMethod]
    public void Each_set_of_scores_has_a_number_of_its_own()
    {
        var data = Flat();
        using var first = HostedModels.Regression(_context);
        using var second = HostedModels.Binary(_context);
        var once = first.GetOutputSchema(data.Schema);
        var twice = second.GetOutputSchema(once);
        Assert.AreEqual(1u, Value<uint>(once["Score"], "ScoreColumnSetId"));
        Assert.AreEqual(2u, Value<uint>(twice["Probability"], "ScoreColumnSetId"));
        // The later column hides the earlier one, and stands beside it.
        Assert.AreEqual(once["Score"].Index + 1, twice["Score"].Index);
        Assert.IsTrue(twice[once["Score"].Index].IsHidden);
    }

    [TestMethod]
    public void Forecasts_name_their_steps()
    {
        var manifest = new ModelManifest
        {
            Task = ModelTask.Forecasting,
            Inputs = [new("Load", InputKind.Sequence, 8, 2)],
            Outputs = [new("Forecast", OutputKind.Single, 6), new("Lower", OutputKind.Single, 6)],
            Forecast = new(8, 3, ["Load", "Heat"], RowsHoldWindows: true, null, null, "Lower", null, 0.9f),
        };
        var columns = OutputColumns.Create(manifest, Flat().Schema);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 6), columns[0].Type);
        CollectionAssert.AreEqual(new[] { "Load t+1", "Heat t+1", "Load t+2", "Heat t+2", "Load t+3", "Heat t+3" }, SlotNames(columns[0]));
        CollectionAssert.AreEqual(SlotNames(columns[0]), SlotNames(columns[1]));

        manifest = manifest with { Outputs = [new("Forecast", OutputKind.Single)], Forecast = manifest.Forecast with { Horizon = 1, Targets = ["Load"] } };
        var one = OutputColumns.Create(manifest, Flat().Schema)[0];
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 1), one.Type);
        CollectionAssert.AreEqual(new[] { "t+1" }, SlotNames(one));

        static string[] SlotNames(DataViewSchema.DetachedColumn column)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.Annotations.GetValue("SlotNames", ref names);
            return [.. names.DenseValues().Select(name => name.ToString())];
        }
    }

    private static void AssertSame(DataViewSchema theirs, DataViewSchema ours, params string[] columns)
    {
        foreach (var name in columns)
        {
            Assert.AreEqual(theirs[name].Type, ours[name].Type, name);
            var expected = Describe(theirs[name]);
            CollectionAssert.AreEqual(expected, Describe(ours[name]),
                $"{name}: {string.Join("; ", expected)} was expected, {string.Join("; ", Describe(ours[name]))} was found.");
        }
        CollectionAssert.AreEqual(theirs.Select(column => column.Name).Where(columns.Contains).ToArray(),
            ours.Select(column => column.Name).Where(columns.Contains).ToArray());
    }

    private static string[] Describe(DataViewSchema.Column column) =>
        [.. column.Annotations.Schema.Select(annotation => $"{annotation.Name} {annotation.Type} = {Text(column, annotation)}").Order(StringComparer.Ordinal)];

    private static string Text(DataViewSchema.Column column, DataViewSchema.Column annotation) => annotation.Type.RawType switch
    {
        var type when type == typeof(ReadOnlyMemory<char>) => Value<ReadOnlyMemory<char>>(column, annotation.Name).ToString(),
        var type when type == typeof(bool) => Value<bool>(column, annotation.Name).ToString(),
        var type when type == typeof(uint) => Value<uint>(column, annotation.Name).ToString(CultureInfo.InvariantCulture),
        _ => string.Join(",", Values(column, annotation)),
    };

    private static string[] KeyValues(DataViewSchema.Column column) => Values(column, column.Annotations.Schema["KeyValues"]);

    private static string[] Values(DataViewSchema.Column column, DataViewSchema.Column annotation)
    {
        var item = ((VectorDataViewType)annotation.Type).ItemType.RawType;
        return (string[])typeof(OutputColumnsTests).GetMethod(nameof(ValuesOf),
            System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!
            .MakeGenericMethod(item).Invoke(null, [column, annotation.Name])!;
    }

    private static string[] ValuesOf<T>(DataViewSchema.Column column, string annotation) =>
        [.. Value<VBuffer<T>>(column, annotation).DenseValues().Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}"))];

    private static T Value<T>(DataViewSchema.Column column, string annotation)
    {
        T value = default!;
        column.Annotations.GetValue(annotation, ref value);
        return value;
    }

    private IDataView Flat()
    {
        var definition = SchemaDefinition.Create(typeof(LabelledRow));
        definition[nameof(LabelledRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, HostedModels.Steps, HostedModels.Features);
        return _context.Data.LoadFromEnumerable(HostedModels.Rows(40).Select((row, i) => new LabelledRow
        {
            Features = row.Features,
            Flat = row.Features,
            Label = row.Label,
            Flag = i % 2 == 0,
            Text = $"class {i % 3}",
            Count = i % 3 - 1,
            Real = i % 4 + 0.25f,
            Wide = i % 3 + 0.1,
            Small = (byte)(i % 5),
            Large = ulong.MaxValue - (ulong)(i % 3),
        }), definition);
    }

    private sealed class LabelledRow
    {
        public float[] Features = [];

        [VectorType(HostedModels.Steps * HostedModels.Features)]
        public float[] Flat = [];

        public float Label;
        public bool Flag;
        public string Text = "";
        public int Count;
        public float Real;
        public double Wide;
        public byte Small;
        public ulong Large;
    }
}
