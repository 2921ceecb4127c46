using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>The columns that outputs become, which ML.NET's evaluators take.</summary>
[TestClass]
public sealed class ForeignOutputTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void One_value_per_row_is_no_vector()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", 2).Integers("axes", 1)
            .Node("ReduceSum", "x axes", "one", ("keepdims", 1L)).Node("ReduceSum", "x axes", "flat", ("keepdims", 0L)).Number("zero", 0)
            .Node("Cast", "one", "whole", ("to", 7L)).Node("Greater", "one zero", "positive").Node("Greater", "x zero", "both").Node("Tanh", "x", "two")
            .Output("one", OnnxType.Single, "batch", 1).Output("flat", OnnxType.Single, "batch").Output("whole", OnnxType.Int64, "batch", 1)
            .Output("positive", OnnxType.Boolean, "batch", 1).Output("both", OnnxType.Boolean, "batch", 2).Output("two", OnnxType.Single, "batch", 2);
        var data = ForeignTable.Create(_ml, [new ForeignRow { X = [1, 2] }, new ForeignRow { X = [-4, 1] }], ("X", [2]));
        var estimator = _ml.Transforms.ApplyRecurrentOnnx(new() { ModelFile = file.Path, InputColumnNames = ["X"] });
        var model = estimator.Fit(data);
        void Check(IDataView scored)
        {
            CollectionAssert.AreEqual(new[] { 3f, -3 }, scored.GetColumn<float>("one").ToArray());
            CollectionAssert.AreEqual(new[] { 3f, -3 }, scored.GetColumn<float>("flat").ToArray());
            CollectionAssert.AreEqual(new[] { 3L, -3 }, scored.GetColumn<long>("whole").ToArray());
            CollectionAssert.AreEqual(new[] { true, false }, scored.GetColumn<bool>("positive").ToArray());
            CollectionAssert.AreEqual(new[] { false, true }, scored.GetColumn<bool[]>("both").ElementAt(1));
            Assert.HasCount(2, scored.GetColumn<float[]>("two").First());
        }
        Check(model.Transform(data));
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        Check(_ml.Model.Load(stream, out _).Transform(data));
        // The schema before Fit is that of after.
        var shape = estimator.GetOutputSchema(SchemaShapes.Create(data.Schema));
        var actual = model.Transform(data).Schema;
        foreach (var name in new[] { "one", "flat", "whole", "positive", "both", "two" })
        {
            var column = shape.Single(column => column.Name == name);
            Assert.AreEqual(actual[name].Type is VectorDataViewType, column.Kind is SchemaShape.Column.VectorKind.Vector, name);
            Assert.AreEqual(actual[name].Type is VectorDataViewType vector ? vector.ItemType : actual[name].Type, column.ItemType, name);
        }
    }

    [TestMethod]
    public void Evaluators_and_CrossValidate_take_a_regression_of_another_framework()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", 2).Integers("axes", 1).Node("ReduceSum", "x axes", "y").Output("y",
            OnnxType.Single, "batch", 1);
        var random = new Random(1);
        ForeignRow[] rows =
            [.. Enumerable.Range(0, 50).Select(_ => ForeignTable.Numbers(random, 2)).Select(x => new ForeignRow { X = x, Gain = x.Sum() + 0.5f })];
        var data = ForeignTable.Create(_ml, rows, ("X", [2]));
        var estimator = _ml.Transforms.ApplyRecurrentOnnx(["Score"], ["X"], file.Path);
        Assert.AreEqual(0.25, _ml.Regression.Evaluate(estimator.Fit(data).Transform(data), labelColumnName: "Gain").MeanSquaredError, 1e-6);
        var folds = _ml.Regression.CrossValidate(data, estimator, numberOfFolds: 3, labelColumnName: "Gain");
        Assert.HasCount(3, folds);
        foreach (var fold in folds) Assert.AreEqual(0.25, fold.Metrics.MeanSquaredError, 1e-6);
    }

    [TestMethod]
    public void Exports_of_this_library_answer_like_the_model()
    {
        var random = new Random(2);
        Labelled[] rows = [.. Enumerable.Range(0, 60).Select(_ => ForeignTable.Numbers(random, 4)).Select(x =>
            new Labelled { Steps = x, Sum = x.Sum(), Positive = x.Sum() > 0, Kind = x[0] > 0.2 ? "up" : x[0] < -0.2 ? "down" : "level" })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", "Kind").Fit(data).Transform(data);
        var path = Path.GetTempFileName();
        try
        {
            var regression = _ml.Regression.Trainers.Gru("Sum", "Steps", hiddenSize: 4, maximumNumberOfEpochs: 2).Fit(data);
            regression.Model.ExportToOnnx(path);
            var own = regression.Transform(data);
            var applied = _ml.Transforms.ApplyRecurrentOnnx(["Score"], ["Steps"], path).Fit(data).Transform(data);
            Assert.AreEqual(_ml.Regression.Evaluate(own, "Sum").MeanSquaredError, _ml.Regression.Evaluate(applied, "Sum").MeanSquaredError, 1e-6);

            var binary = _ml.BinaryClassification.Trainers.Gru("Positive", "Steps", hiddenSize: 4, maximumNumberOfEpochs: 2).Fit(data);
            binary.Model.ExportToOnnx(path);
            own = binary.Transform(data);
            applied = _ml.Transforms.ApplyRecurrentOnnx(new() { ModelFile = path }).Fit(data).Transform(data);
            var (expected, metrics) = (_ml.BinaryClassification.Evaluate(own, "Positive"), _ml.BinaryClassification.Evaluate(applied, "Positive"));
            Assert.AreEqual(expected.Accuracy, metrics.Accuracy);
            Assert.AreEqual(expected.LogLoss, metrics.LogLoss, 1e-5);

            var multiclass = _ml.MulticlassClassification.Trainers.Gru("Label", "Steps", hiddenSize: 4, maximumNumberOfEpochs: 2).Fit(keyed);
            multiclass.Model.ExportToOnnx(path);
            own = multiclass.Transform(keyed);
            // Columns of other names too.
            var estimator = _ml.Transforms.ApplyRecurrentOnnx(["Score", "Predicted"], ["Steps"], path);
            applied = estimator.Fit(keyed).Transform(keyed);
            var (many, others) =
                (_ml.MulticlassClassification.Evaluate(own), _ml.MulticlassClassification.Evaluate(applied, predictedLabelColumnName: "Predicted"));
            Assert.AreEqual(many.MacroAccuracy, others.MacroAccuracy);
            Assert.AreEqual(many.LogLoss, others.LogLoss, 1e-5);
            string[] Names(IDataView scored, string label) =>
                [.. _ml.Transforms.Conversion.MapKeyToValue("Name", label).Fit(scored).Transform(scored).GetColumn<string>("Name")];
            CollectionAssert.AreEqual(Names(own, "PredictedLabel"), Names(applied, "Predicted"));
            // A step after it sees the key values before anything is fitted.
            var chain = estimator.Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "Predicted"));
            CollectionAssert.AreEqual(Names(own, "PredictedLabel"), chain.Fit(keyed).Transform(keyed).GetColumn<string>("Name").ToArray());
            var folds = _ml.MulticlassClassification.CrossValidate(keyed, _ml.Transforms.ApplyRecurrentOnnx(["Score", "PredictedLabel"], ["Steps"], path),
                numberOfFolds: 2);
            Assert.AreEqual(many.MacroAccuracy, folds.Average(fold => fold.Metrics.MacroAccuracy), 0.2);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Labelled
    {
        [VectorType(4, 1)]
        public float[] Steps { get; set; } = [];

        public float Sum { get; set; }

        public bool Positive { get; set; }

        public string Kind { get; set; } = "";
    }
}
