using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Plans of all scenarios become code that trains the same weights: grouped rows, held-out parts, random parts, several targets.</summary>
[TestClass]
public sealed class PlanModelTests
{
    private const int Rows = 80;

    private static readonly string[] s_tagged = ["Words\tTags",
        .. Enumerable.Range(0, Rows).Select(static row => row % 2 == 0 ? "go to Rome\tO O B-city" : "Oslo is far\tB-city O O")];

    private static readonly string[] s_reviews =
        ["\"the\"\"Grade\nof it\",Review",
            .. Enumerable.Range(0, Rows).Select(static row => row % 2 == 0 ? $"good,\"a fine, fast {row % 5}\"" : $"bad,a slow {row % 7}")];

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_forecast_of_series(bool isRefitted) => Check("forecasting", "shops.csv", [.. ScenarioFiles.Shops(240)], isRefitted,
        ("--label-col", "Sales"), ("--horizon", "6"), ("--series-col", "Shop"), ("--time-col", "Time"), ("--window", "24"), ("--past-cols", "Rain"),
        ("--static-cols", "Size"));

    [TestMethod]
    public void A_forecast_of_several_targets() => Check("forecasting", "shops.csv", [.. ScenarioFiles.Shops(200)], true,
        ("--label-col", "Sales,Rain"), ("--horizon", "3"), ("--series-col", "Shop"), ("--window", "24"));

    [TestMethod]
    public void A_forecast_with_columns_that_are_known_ahead() => Check("forecasting", "shops.csv", [.. ScenarioFiles.Shops(240)], true,
        ("--label-col", "Sales"), ("--horizon", "6"), ("--series-col", "Shop"), ("--window", "24"), ("--future-cols", "Rain"));

    [TestMethod]
    [DataRow("classification", "Score", "PredictedLabel")]
    [DataRow("classification", "Label", "LabelKey")]
    [DataRow("classification", "Features", "Score")]
    [DataRow("regression", "Label", "Score")]
    [DataRow("classification", "", "public class")]
    public void Columns_named_as_those_that_the_pipeline_makes(string scenario, string feature, string label) => Check(scenario, "named.csv",
        [$"{feature},B,{label}", .. Enumerable.Range(0, Rows).Select(static row => $"{row % 5},{row % 2}.5,{row % 2}")], true, ("--label-col", label));

    [TestMethod]
    public void A_forecast_of_columns_named_as_those_of_the_answers() => Check("forecasting", "named.csv",
        ["Forecast,UpperBound,Targets,Features,Size", .. ScenarioFiles.Shops(200).Skip(1)], true,
        ("--label-col", "Targets,Features"), ("--horizon", "3"), ("--series-col", "UpperBound"), ("--window", "24"));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Classes_of_sequences_of_rows(bool isRefitted) => Check("classification", "slopes.csv", [.. ScenarioFiles.Slopes(80)], isRefitted,
        ("--label-col", "Class"), ("--series-col", "Sequence"), ("--time-col", "Step"));

    [TestMethod]
    public void Numbers_of_rows() => Check("regression", "wide.csv",
        ["Load,S1,S2,S3", .. Enumerable.Range(0, Rows).Select(static row => ScenarioFiles.Say($"{row % 7 * 0.1:R},{row % 7},{row % 5},{row % 3}"))], true,
        ("--label-col", "Load"));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Classes_of_texts(bool isRefitted) => Check("text-classification", "reviews.csv", s_reviews, isRefitted,
        ("--label-col", "the\"Grade\nof it"), ("--text-col", "Review"));

    [TestMethod]
    public void Tags_of_words() => Check("tagging", "requests.tsv", s_tagged, true, ("--text-col", "Words"), ("--label-col", "Tags"));

    [TestMethod]
    public void Words_that_follow() => Check("language-model", "book.txt", [.. Enumerable.Repeat("the cat saw the dog and the dog saw the cat", Rows)], true);

    [TestMethod]
    public void A_translation() => Check("translation", "pairs.csv", [.. ScenarioFiles.Translations(120)], true, ("--label-col", "french"),
        ("--text-col", "english"));

    [TestMethod]
    public void A_translation_of_letters() => Check("translation", "pairs.csv", [.. ScenarioFiles.Translations(120)], false, ("--label-col", "french"),
        ("--text-col", "english"), ("--tokens", "characters"));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Codes_of_rows(bool isRefitted) => Check("autoencoder", "beats.csv",
        ["S1,S2,S3", .. Enumerable.Range(0, Rows).Select(static row => ScenarioFiles.Say($"{row % 7 * 0.3:R},{row % 7},{row % 3}"))], isRefitted,
        ("--latent-size", "2"));

    private static void Check(string scenario, string file, string[] lines, bool isRefitted, params (string Option, string Value)[] values)
    {
        using var files = new ScenarioFiles();
        var path = files.Write(file, lines);
        var plan = files.Plan(scenario, path, values);
        var options = plan.Pipeline.Trainer.Options;
        (options.Seed, options.NumberOfThreads, options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs) = (5, 1, 4, 2);
        var model = plan.Pipeline.Fit(new MLContext(5), options, isRefitted ? plan.Learned : plan.Train, null);

        var described = PlanModel.Create(plan, "My model", model, options, isRefitted);
        var mlContext = new MLContext();
        var code = new ModelCode(mlContext, described, "Generated");
        string[] sources = [code.Consumption(), code.Training(), code.Evaluation()];
        var generated = CompiledCode.Compile(sources).GetType("Generated.My_model")!;
        var saved = Path.ChangeExtension(path, ".mlnet");
        var trained = (ITransformer)generated.GetMethod("Train")!.Invoke(null, [saved, path])!;
        Assert.AreEqual(Weights(model), Weights(trained), sources[1]);
        Assert.AreEqual(Weights(model), Weights(mlContext.Model.LoadFile(saved, out _)));

        foreach (var program in (ProgramCode[])[new ConsoleProgram(), new WebProgram()])
        {
            var named = new ModelCode(mlContext, described, "Generated");
            var text = program.Files(described, named, "Generated").First().Text;
            // What the web SDK imports by itself.
            var usings = program is WebProgram ? "global using Microsoft.AspNetCore.Builder;\nglobal using Microsoft.AspNetCore.Http;\n"
                + "global using Microsoft.Extensions.Configuration;\nglobal using Microsoft.Extensions.DependencyInjection;\n"
                + "global using Microsoft.Extensions.Hosting;\nglobal using System.Threading;\nglobal using System.Threading.Tasks;" : "";
            CompiledCode.CompileProgram([.. sources, text, usings]);
        }

        ProjectWriter.SaveModel(mlContext, model, PlanModel.AllRows(mlContext, plan), saved);
        Assert.AreEqual(Weights(model), Weights(mlContext.Model.LoadFile(saved, out _)));
    }

    private static string Weights(ITransformer model) => model.Steps().OfType<RecurrentTransformer>().Single().Model.WeightsSha256;
}
