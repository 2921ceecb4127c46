using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Tasks;
using Microsoft.ML.Recurrent.Tests.Data;

namespace Microsoft.ML.Recurrent.Tests.Tasks;

/// <summary>A model finds its task by the name in its manifest, and tasks of rows with labels agree with themselves.</summary>
[TestClass]
public sealed class RecurrentTaskTests
{
    public static IEnumerable<object[]> Names => Enum.GetNames<ModelTask>().Select(name => new object[] { name });

    public static IEnumerable<object[]> SequenceTasks => RecurrentTask.All.OfType<SequenceTask>().Select(task => new object[] { task.Name.ToString() });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Every_name_of_a_manifest_has_its_task(string name) => Assert.AreEqual(name, RecurrentTask.Find(Enum.Parse<ModelTask>(name)).Name.ToString());

    [TestMethod]
    public void A_name_without_a_task_is_an_error() =>
        Assert.Contains("99", Assert.ThrowsExactly<InvalidOperationException>(() => RecurrentTask.Find((ModelTask)99)).Message);

    [TestMethod]
    [DynamicData(nameof(SequenceTasks))]
    public void Columns_told_before_training_are_those_that_the_model_writes(string name)
    {
        var context = new MLContext(1);
        var task = (SequenceTask)RecurrentTask.Find(Enum.Parse<ModelTask>(name));
        var source = task.Label switch { LabelRole.Key => "Key", LabelRole.StepKeys => "Keys", LabelRole.AnyBooleans => "Flag", _ => "Number" };
        var data = context.Transforms.Conversion.MapValueToKey("Key").Append(context.Transforms.Conversion.MapValueToKey("Keys"))
            .Append(context.Transforms.CopyColumns("Label", source)).Fit(Rows()).Transform(Rows());
        var label = SchemaShapes.Create(data.Schema).First(column => column.Name == "Label");
        var manifest = new ModelManifest
        {
            Task = task.Name,
            Inputs = [new("Features", InputKind.Sequence, 2, 1)],
            Outputs = task.Outputs(task.Label is LabelRole.AnyNumbers or LabelRole.AnyBooleans ? 1 : 3),
            Label = task.Label is LabelRole.Key or LabelRole.StepKeys ? LabelReader.KeyValues(data.Schema["Label"]) : null,
        };
        var columns = Recurrent.Hosting.OutputColumns.Create(manifest, data.Schema);
        var told = task.OutputShapes(label).ToArray();
        CollectionAssert.AreEqual(told.Select(column => column.Name).ToArray(), columns.Select(column => column.Name).ToArray());
        for (var i = 0; i < told.Length; i++)
        {
            var (type, shape) = (columns[i].Type, told[i]);
            Assert.AreEqual(type is VectorDataViewType, shape.Kind is not SchemaShape.Column.VectorKind.Scalar, shape.Name);
            Assert.AreEqual((type as VectorDataViewType)?.ItemType.RawType ?? type.RawType, shape.ItemType.RawType, shape.Name);
            Assert.AreEqual(type is KeyDataViewType or VectorDataViewType { ItemType: KeyDataViewType }, shape.IsKey, shape.Name);
            var annotations = columns[i].Annotations.Schema.Select(annotation => annotation.Name).ToArray();
            CollectionAssert.AreEquivalent(shape.Annotations.Select(annotation => annotation.Name).ToArray(), annotations, shape.Name);
        }

        IDataView Rows() =>
            context.Data.LoadFromEnumerable([new Row { Key = "a", Keys = ["a", "b", "c"] }, new Row { Key = "b", Flag = true }, new Row { Key = "c" }]);
    }

    private sealed class Row
    {
        public string Key { get; set; } = "";

        public string[] Keys { get; set; } = [];

        public bool Flag { get; set; }

        public float Number { get; set; }
    }
}
