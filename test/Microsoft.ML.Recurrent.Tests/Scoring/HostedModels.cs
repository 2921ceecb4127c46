using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>Transformers upon networks with random weights, and data for them: what hosting and scoring are tested with, without a training run.</summary>
internal static class HostedModels
{
    public const int Steps = 5, Features = 2;

    /// <summary>A regression of sequences of <see cref="Features"/> numbers a step; of <see cref="Steps"/> steps, or of varying length.</summary>
    public static RecurrentRegressionTransformer Regression(MLContext context, bool varying = false, int seed = 1) =>
        new(context, RegressionModel(varying, seed));

    public static RecurrentModel RegressionModel(bool varying = false, int seed = 1) =>
        Create(varying, seed, 1, new PlainHead(1), ModelTask.Regression, [new("Score", OutputKind.Single)]);

    public static RecurrentBinaryTransformer Binary(MLContext context, int seed = 2) => new(context, Create(false, seed, 1, new BinaryHead(), ModelTask.Binary,
        [new("PredictedLabel", OutputKind.Boolean), new("Score", OutputKind.Single), new("Probability", OutputKind.Single)]));

    public static RecurrentMulticlassTransformer Multiclass(MLContext context, LabelManifest? label, int classes = 3, int seed = 3) =>
        new(context, Create(false, seed, classes, new MulticlassHead(classes),
        ModelTask.Multiclass, [new("PredictedLabel", OutputKind.Key), new("Score", OutputKind.Single, classes)], label));

    /// <summary>Rows with a sequence, and with columns that the model does not know.</summary>
    public static IEnumerable<Row> Rows(int count, bool varying = false, int seed = 7)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var values = new float[Features * (varying ? random.Next(1, 12) : Steps)];
            foreach (ref var value in values.AsSpan()) value = 2 * random.NextSingle() - 1;
            yield return new() { Number = i, Name = $"row {i}", Label = random.NextSingle(), Features = values, Parts = [i, i + 1, i + 2], Flag = i % 3 == 0 };
        }
    }

    public static IDataView Data(MLContext context, int count, bool varying = false, int seed = 7) =>
        Load(context, Rows(count, varying, seed).ToArray(), varying);

    public static IDataView Load(MLContext context, IEnumerable<Row> rows, bool varying = false) => context.Data.LoadFromEnumerable(rows, Definition(varying));

    public static SchemaDefinition Definition(bool varying = false)
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, varying ? 0 : Steps, Features);
        return definition;
    }

    /// <summary>A column's values, vectors copied.</summary>
    public static T[] Column<T>(IDataView view, string name) => [.. view.GetColumn<T>(view.Schema[name])];

    private static RecurrentModel Create(bool varying, int seed, int outputs, Head head, ModelTask task, ImmutableArray<OutputColumn> columns,
        LabelManifest? label = null)
    {
        var description = TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 6), new PoolingDescription("pool", SequencePooling.Last)],
            Features,
            varying ? null : Steps, outputs: outputs);
        using var network = TestModels.Network(description, seed);
        var manifest = new ModelManifest
        {
            Task = task, Inputs = [new("Features", InputKind.Sequence, description.Time, Features)], Outputs = columns,
            Label = label
        };
        return NetworkExporter.ToModel(network, head, manifest, TestModels.History);
    }

    public sealed class Row
    {
        public int Number;
        public string Name = "";
        public float Label;
        public float[] Features = [];

        [VectorType(3)]
        public float[] Parts = [];

        public bool Flag;
    }
}
