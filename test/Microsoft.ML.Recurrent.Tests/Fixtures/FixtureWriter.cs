namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>
/// Trains the models of the fixtures and writes their files; the benchmarks' command <c>fixtures</c> runs it. A folder of fixtures is written once and then
/// left as it is: later versions have to read it.
/// </summary>
internal static class FixtureWriter
{
    /// <summary>Writes all fixtures into a folder.</summary>
    public static void Write(string folder, Action<string> log)
    {
        var context = new MLContext(1);
        foreach (var model in FixtureCases.All)
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, model.Name)).FullName;
            var rows = model.Rows();
            var data = model.Read(context, rows);
            var pipeline = model.Fit(context);
            context.Model.Save(pipeline, data.Schema, Path.Combine(own, "model.zip"));
            Recurrent(pipeline).Model.ExportToOnnx(Path.Combine(own, "model.onnx"));
            File.WriteAllText(Path.Combine(own, "rows.json"), rows);
            File.WriteAllText(Path.Combine(own, "answers.json"), FixtureFiles.ToJson(FixtureFiles.Answers(pipeline.Transform(data), model.Columns)));
            if (model.Name is FixtureCases.Hours or FixtureCases.Pairs) WriteEngine(own, model, context, pipeline, rows);
            if (model.Name is FixtureCases.Language) File.WriteAllText(Path.Combine(own, "text.json"), FixtureFiles.ToJson(Text(Recurrent(pipeline).Model)));
            log($"{model.Name}: {new DirectoryInfo(own).EnumerateFiles().Sum(file => file.Length):N0} bytes");
        }
        WriteForeign(Directory.CreateDirectory(Path.Combine(folder, "foreign")).FullName, Path.Combine(folder, "gru-reset-before"), context);
        WriteCheckpoint(Directory.CreateDirectory(Path.Combine(folder, "checkpoint")).FullName, context);
    }

    /// <summary>The step of a pipeline that is a recurrent model.</summary>
    public static RecurrentTransformer Recurrent(ITransformer pipeline) =>
        pipeline as RecurrentTransformer ?? ((IEnumerable<ITransformer>)pipeline).OfType<RecurrentTransformer>().Single();

    /// <summary>What the language model writes behind a word when it takes the likeliest token each time.</summary>
    public static string[] Text(RecurrentModel model)
    {
        using var generator = new RecurrentTextGenerator(model);
        return generator.Generate(["green"], new() { Temperature = 0, MaximumTokens = 12, ExcludedTokens = ["<eos>", "a"] });
    }

    /// <summary>The columns that a model of another framework reads and writes.</summary>
    public static (string[] Outputs, string[] Inputs) Foreign => (["Score"], ["Features"]);

    private static void WriteEngine(string folder, FixtureCase model, MLContext context, ITransformer pipeline, string rows)
    {
        using var engine = pipeline.CreateForecastEngine(context);
        FixtureEngine.Observe(engine, model, context, rows);
        engine.CheckPoint(context, Path.Combine(folder, "engine.zip"));
        File.WriteAllText(Path.Combine(folder, "engine.json"), FixtureFiles.ToJson(FixtureEngine.Ask(engine, model, context, rows)));
    }

    // A graph scored as it is, like one of another framework.
    private static void WriteForeign(string folder, string source, MLContext context)
    {
        var rows = File.ReadAllText(Path.Combine(source, "rows.json"));
        var data = context.Data.LoadFromEnumerable(FixtureFiles.FromJson<TableRow[]>(rows));
        var pipeline = context.Transforms.ApplyRecurrentOnnx(Foreign.Outputs, Foreign.Inputs, Path.Combine(source, "model.onnx")).Fit(data);
        context.Model.Save(pipeline, data.Schema, Path.Combine(folder, "model.zip"));
        File.WriteAllText(Path.Combine(folder, "rows.json"), rows);
        File.WriteAllText(Path.Combine(folder, "answers.json"), FixtureFiles.ToJson(FixtureFiles.Answers(pipeline.Transform(data), Foreign.Outputs)));
    }

    // A run that was cancelled in the midst of its third epoch, and the answers of one that was not.
    private static void WriteCheckpoint(string folder, MLContext context)
    {
        var rows = FixtureData.Sequences(100, 8);
        var data = context.Data.LoadFromEnumerable(rows);
        File.WriteAllText(Path.Combine(folder, "rows.json"), FixtureFiles.ToJson(rows));
        using (var cancellation = new CancellationTokenSource())
        {
            var options = FixtureCases.Checkpointed;
            (options.Checkpoints.Folder, options.CancellationToken, options.Logging.Loggers) = (folder, cancellation.Token, [new Canceller(cancellation)]);
            context.Regression.Trainers.RecurrentNetwork(options).Fit(data).Dispose();
        }
        using var whole = context.Regression.Trainers.RecurrentNetwork(FixtureCases.Checkpointed).Fit(data);
        File.WriteAllText(Path.Combine(folder, "answers.json"), FixtureFiles.ToJson(FixtureFiles.Answers(whole.Transform(data), ["Score"])));
    }

    private sealed class Canceller(CancellationTokenSource source) : TrainingLogger
    {
        public override void Log(TrainingLogEntry entry)
        {
            if (entry.Step == FixtureCases.StepOfCheckpoint) source.Cancel();
        }
    }
}
