using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Code;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>The files of code for a model.</summary>
internal sealed class ModelCode
{
    private const string InputName = "ModelInput", OutputName = "ModelOutput", RowName = "DataRow";

    private static readonly string[] s_usings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "Microsoft.ML", "Microsoft.ML.Data", "Microsoft.ML.Recurrent"];

    // Names of members: a class of one of these names could not have it.
    private static readonly string[] s_members =
    [
        InputName, OutputName, RowName, "Model", "MLNetModelPath", "Predict", "PredictBatch", "PredictEngine", "PredictAll", "PredictAllLabels", "GetLabels",
        "Observe",
        "ForecastEngine", "Generate", "Sample", "Autoencoder", "Tokens", "TextGenerator", "Train", "RetrainModel", "RetrainFilePath", "BuildPipeline",
        "BuildPreparation",
        "BuildTrainer",
        "Evaluate", "SaveModel", "Steps", "Text", "Number", "Trained", "Program", "PrepareData", "BuildAnswers", "WeightsSha256", "Checkpoints",
        // Types that its code names.
        "Console", "Path", "File", "Stream", "Lazy", "Array", "Convert", "Math", "Enumerable", "DateTime", "TimeSpan", "Dictionary", "KeyValuePair",
        "CultureInfo",
        "MLContext", "TextLoader", "System", "Microsoft", "Parquet", "Apache", "CsvHelper", "Results", "Type",
    ];

    private readonly GeneratedModel _model;
    private readonly string _namespace;
    private readonly LoadingCode _loading;
    private readonly RowClass _input, _output;

    /// <summary>Looks at a model and its data: whether ML.NET's reader gives the same rows is found by reading them.</summary>
    public ModelCode(MLContext mlContext, GeneratedModel model, string @namespace)
    {
        (_model, _namespace, ClassName) = (model, @namespace, ClassFor(model.Name));
        // Rows of the file are those of the model where nothing is done to them before.
        var isInput = model.Preparation.IsEmpty;
        _loading = model.Table is { } table ? LoadingCode.ForTable(mlContext, table, model.TableColumns, isInput ? InputName : RowName)
            : LoadingCode.ForSequences(model.LoaderName ?? throw new ArgumentException("A file of sequences needs the name of its loader.", nameof(model)));
        _input = isInput && _loading.Rows is { } rows ? rows with { Summary = InputSummary }
            : RowClass.Create(InputName, InputSummary, model.InputColumns.Select(name => model.Input.Schema[name]));
        var schema = model.Model.GetOutputSchema(model.Input.Schema);
        var added = schema.AddedTo(model.Input.Schema).ToHashSet();
        _output = RowClass.Create(OutputName, "What the model answers.",
            schema.Where(column => !column.IsHidden && added.Contains(column.Name) && IsOwn(column.Name)));
        Task = TaskCode.Create(model, ClassName, _input, _output);
    }

    private const string InputSummary = "What the model reads.";

    /// <summary>The class of the model.</summary>
    public string ClassName { get; }

    /// <summary>What belongs to the task.</summary>
    public TaskCode Task { get; }

    /// <summary>The packages that the code needs beside ML.NET and this library.</summary>
    public ImmutableArray<string> Packages => _loading.Packages;

    /// <summary><c>NAME.consumption.cs</c>: input, output and predictions.</summary>
    public string Consumption() => SourceText.File(_namespace, ClassName, s_usings,
    [
        _input.Declare(isInput: true),
        _output.Properties.IsEmpty ? "" : _output.Declare(isInput: false),
        $$"""
        /// <summary>The file of the model, beside the program.</summary>
        public static readonly string MLNetModelPath = Path.Combine(AppContext.BaseDirectory, {{Literals.Text(_model.Name + ".mlnet")}});
        """,
        "private static readonly MLContext s_mlContext = new();",
        """
        /// <summary>The model, loaded when it is needed first.</summary>
        public static readonly Lazy<ITransformer> Model = new(() => s_mlContext.Model.LoadFile(MLNetModelPath, out _));
        """,
        .. Task.ConsumptionMembers(),
        _output.Properties.IsEmpty ? "" : """
            /// <summary>Predicts many rows, one after the other: those of series in the order of time.</summary>
            /// <param name="rows">The rows.</param>
            public static IEnumerable<ModelOutput> PredictBatch(IEnumerable<ModelInput> rows) =>
                s_mlContext.Data.CreateEnumerable<ModelOutput>(Model.Value.Transform(s_mlContext.Data.LoadFromEnumerable(rows)), reuseRowObject: false);
            """,
        """
        private static IEnumerable<ITransformer> Steps(ITransformer model) =>
            model is IEnumerable<ITransformer> steps ? steps.SelectMany(Steps) : [model];
        """,
    ]);

    /// <summary><c>NAME.training.cs</c>: the pipeline, which trains the model again.</summary>
    public string Training() => SourceText.File(_namespace, ClassName, [.. s_usings, .. _loading.Usings],
    [
        $"/// <summary>The file that the model was trained on.</summary>\npublic const string RetrainFilePath "
            + $"= {Literals.Text(Path.GetFullPath(_model.DataPath))};",
        _model.ValidationPath is { } validation ? $"""
            /// <summary>The file of the rows that tell when to stop.</summary>
            public const string RetrainValidationFilePath = {Literals.Text(Path.GetFullPath(validation))};
            """ : "",
        TrainMethod(),
        .. _loading.Members(),
        _model.Preparation.IsEmpty ? "" : $$"""
            /// <summary>Makes the rows of the pipeline of those of a file.</summary>
            /// <param name="mlContext">The context.</param>
            /// <param name="data">The rows of the file.</param>
            public static IDataView PrepareData(MLContext mlContext, IDataView data)
            {
            {{Statements("data", _model.Preparation)}}
                return data;
            }
            """,
        RetrainMethod(),
        PipelineMethods(),
        $$"""
        /// <summary>Saves a model.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="model">The model.</param>
        /// <param name="data">The rows that it reads.</param>
        /// <param name="path">The file.</param>
        public static void SaveModel(MLContext mlContext, ITransformer model, IDataView data, string path)
        {
        {{Task.Save.Indented(4)}}
        }
        """,
        """
        /// <summary>The SHA-256 of the trained weights: equal where two trainings have given the same bits.</summary>
        /// <param name="model">A model.</param>
        public static string WeightsSha256(ITransformer model) => Steps(model).OfType<RecurrentTransformer>().Single().Model.WeightsSha256;
        """,
        _model.Preparation.IsEmpty || _loading.Rows is not { } rows ? "" : rows.Declare(isInput: true),
    ]);

    /// <summary><c>NAME.evaluate.cs</c>: metrics of the model.</summary>
    public string Evaluation() => SourceText.File(_namespace, ClassName, s_usings, Task.EvaluationMembers());

    private string TrainMethod()
    {
        var (open, close) = _model.Preparation.IsEmpty ? ("", "") : ("PrepareData(mlContext, ", ")");
        var (second, more, validation) = _model.ValidationPath is null ? ("", "", "") : (
            "/// <param name=\"validationDataFilePath\">The file of the rows that tell when to stop.</param>\n",
            ",\n    string validationDataFilePath = RetrainValidationFilePath",
            $", {open}LoadIDataViewFromFile(mlContext, validationDataFilePath){close}");
        return $$"""
            /// <summary>Trains the model on a file, and saves it.</summary>
            /// <param name="outputModelPath">Where the model is saved.</param>
            /// <param name="inputDataFilePath">The file of the training data, written like the first one.</param>
            {{second}}/// <returns>The model.</returns>
            public static ITransformer Train(string outputModelPath, string inputDataFilePath = RetrainFilePath{{more}})
            {
                var mlContext = new MLContext({{(_model.Seed is { } seed ? $"seed: {Literals.Number((IFormattable)seed)}" : "")}});
                var data = {{open}}LoadIDataViewFromFile(mlContext, inputDataFilePath){{close}};
                var model = RetrainModel(mlContext, data{{validation}});
                SaveModel(mlContext, model, data, outputModelPath);
                return model;
            }
            """;
    }

    private string RetrainMethod()
    {
        var hasValidation = _model.Parts is not null || _model.ValidationPath is not null;
        var body = new List<string>();
        if (!_model.Learning.IsEmpty) body.Add($"// What was held out for the test is left out.\n{Statements("data", _model.Learning, 0)}");
        var train = "data";
        if (_model.Parts is { } parts)
        {
            body.Add($"var train = {parts.Train};\nvar validation = {parts.Validation};");
            train = "train";
        }
        if (_model.Before.IsEmpty)
        {
            body.Add($"var model = BuildTrainer(mlContext).Fit({train}{(hasValidation ? ", validation" : "")});");
            body.Add(_model.After.IsEmpty ? "return model;"
                : $"return new TransformerChain<ITransformer>(model, {Fitted()}.Fit(model.Transform({train})));");
        }
        else
        {
            body.Add($"var preparation = BuildPreparation(mlContext).Fit({train});\nvar prepared = preparation.Transform({train});");
            body.Add($"var model = BuildTrainer(mlContext).Fit(prepared{(hasValidation ? ", preparation.Transform(validation)" : "")});");
            body.Add($"return new TransformerChain<ITransformer>(preparation, model{(_model.After.IsEmpty ? ""
                : $", {Fitted()}.Fit(model.Transform(prepared))")});");
        }
        var (documentation, parameter) = _model.ValidationPath is null ? ("", "")
            : ("/// <param name=\"validation\">The rows that tell when to stop.</param>\n", ", IDataView validation");
        return $$"""
            /// <summary>Trains the model.</summary>
            /// <param name="mlContext">The context.</param>
            /// <param name="data">The training data.</param>
            {{documentation}}public static ITransformer RetrainModel(MLContext mlContext, IDataView data{{parameter}})
            {
            {{string.Join('\n', body).Indented(4)}}
            }
            """;

        static string Fitted() => "BuildAnswers(mlContext)";
    }

    private string PipelineMethods() => string.Join("\n\n", new[]
    {
        _model.Before.IsEmpty ? "" : $$"""
            /// <summary>The steps before the trainer.</summary>
            /// <param name="mlContext">The context.</param>
            public static IEstimator<ITransformer> BuildPreparation(MLContext mlContext) =>
            {{Chain(_model.Before)}};
            """,
        $$"""
        /// <summary>The trainer, with the options that were found; all others have their defaults.</summary>
        /// <param name="mlContext">The context.</param>
        public static {{TrainerType}} BuildTrainer(MLContext mlContext) =>
            {{_model.TrainerCode}}({{OptionsCode.Write(_model.Options, 4)}});
        """,
        _model.After.IsEmpty ? "" : $$"""
            /// <summary>The steps after the trainer.</summary>
            /// <param name="mlContext">The context.</param>
            public static IEstimator<ITransformer> BuildAnswers(MLContext mlContext) =>
            {{Chain(_model.After)}};
            """,
    }.Where(static part => part.Length > 0));

    private string TrainerType => Literals.TypeName(_model.Options.GetType().DeclaringType!);

    private static string Chain(ImmutableArray<string> steps) =>
        $"    {steps[0]}{string.Concat(steps.Skip(1).Select(static step => $"\n        .Append({step})"))}";

    private static string Statements(string variable, ImmutableArray<string> steps, int indent = 4) =>
        string.Join('\n', steps.Select(step => $"{variable} = {step};")).Indented(indent);

    private static string ClassFor(string name) =>
        Identifiers.Class(name) is var plain && s_members.Contains(plain) ? plain + "Model" : Identifiers.Class(name);

    // Columns of the trainer and of what follows it, not those that the steps before it have made.
    private bool IsOwn(string name) => !_model.Model.IntermediateColumns(_model.Input.Schema).Contains(name);
}
