using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>The code of a task: how a model of it predicts, is evaluated and saved, and what programs do with it.</summary>
/// <param name="model">The model.</param>
/// <param name="className">The class of the model.</param>
/// <param name="input">The class of its input.</param>
/// <param name="output">The class of its output.</param>
internal abstract class TaskCode(GeneratedModel model, string className, RowClass input, RowClass output)
{
    private static readonly Dictionary<Type, Func<GeneratedModel, string, RowClass, RowClass, TaskCode>> s_tasks = new()
    {
        [typeof(RecurrentForecastingEstimator.Options)] = static (model, name, input, output) => new ForecastCode(model, name, input, output),
        [typeof(RecurrentMulticlassTrainer.Options)] = static (model, name, input,
            output) => new ClassCode(model, name, input, output, "MulticlassClassification"),
        [typeof(RecurrentBinaryTrainer.Options)] = static (model, name, input, output) => new ClassCode(model, name, input, output, "BinaryClassification"),
        [typeof(RecurrentRegressionTrainer.Options)] = static (model, name, input, output) => new RegressionCode(model, name, input, output),
        [typeof(RecurrentTaggingTrainer.Options)] = static (model, name, input, output) => new TaggingCode(model, name, input, output),
        [typeof(RecurrentLanguageModelEstimator.Options)] = static (model, name, input, output) => new TextCode(model, name, input, output),
        [typeof(RecurrentTranslationEstimator.Options)] = static (model, name, input, output) => new TranslationCode(model, name, input, output),
        [typeof(RecurrentAutoencoderTrainer.Options)] = static (model, name, input, output) => new AutoencoderCode(model, name, input, output),
    };

    protected GeneratedModel Model { get; } = model;

    protected string ClassName { get; } = className;

    protected RowClass Input { get; } = input;

    protected RowClass Output { get; } = output;

    /// <summary>Whether a program of this task is a service of forecasts rather than of rows.</summary>
    public virtual bool IsForecast => false;

    /// <summary>Finds the code for a model, by its options.</summary>
    public static TaskCode Create(GeneratedModel model, string className, RowClass input, RowClass output) =>
        s_tasks[model.Options.GetType()](model, className, input, output);

    /// <summary>Members of <c>NAME.consumption.cs</c>.</summary>
    public virtual IEnumerable<string> ConsumptionMembers() =>
    [
        """
        /// <summary>Predicts rows: thread-safe, on one session of the model.</summary>
        public static readonly Lazy<PredictionPool<ModelInput, ModelOutput>> PredictEngine =
            new(() => s_mlContext.Model.CreatePredictionPool<ModelInput, ModelOutput>(Model.Value));
        """,
        """
        /// <summary>Predicts one row.</summary>
        /// <param name="input">The row; its label is not read.</param>
        public static ModelOutput Predict(ModelInput input) => PredictEngine.Value.Predict(input);
        """,
    ];

    /// <summary>Members of <c>NAME.evaluate.cs</c>.</summary>
    public abstract IEnumerable<string> EvaluationMembers();

    /// <summary>Statements that save <c>model</c>, trained on <c>data</c>, to <c>path</c>.</summary>
    public virtual string Save => "mlContext.Model.SaveAtomically(model, data.Schema, path);";

    /// <summary>Statements of a console program that predict the example <c>SampleData</c>.</summary>
    public abstract string PredictSample();

    /// <summary>A statement that prints metrics.</summary>
    /// <param name="metrics">The expression of the metrics.</param>
    public virtual string Print(string metrics) => $"Console.WriteLine({metrics});";

    /// <summary>Statements of a web program that map its addresses.</summary>
    public virtual string MapEndpoints() => $"""
        app.MapPost("/predict", ({ClassName}.ModelInput input) => {ClassName}.Predict(input));
        """;

    /// <summary>Statements of a web program that register services.</summary>
    public virtual string AddServices() => "";

    /// <summary>Classes of a web program.</summary>
    public virtual string WebClasses() => "";

    /// <summary>The first row of the data as code: the value of each column.</summary>
    /// <param name="prefix">What stands before the name of the class.</param>
    public string Sample(string prefix) => Input.Construct(SampleReader.Read(Model.Input, Input), prefix);

    /// <summary>A method that transforms data by the steps up to the trainer: what comes after may replace a column that a metric reads.</summary>
    protected static string TransformUpToTrainer { get; } = """
        private static IDataView TransformUpToTrainer(ITransformer model, IDataView data)
        {
            foreach (var step in Steps(model))
            {
                data = step.Transform(data);
                if (step is RecurrentTransformer) break;
            }
            return data;
        }
        """;

    /// <summary>The column of the model's output by its property; null if there is none.</summary>
    protected DataViewSchema.Column? OutputColumn(string name) => Model.Model.GetOutputSchema(Model.Input.Schema).GetColumnOrNull(name);
}
