using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Whole projects: written to an empty folder, built on the packed package, and run.</summary>
[TestClass]
public sealed class ProjectTests
{
    private static readonly string s_data = Directory.CreateTempSubdirectory("recurrent-projects-").FullName;
    private static readonly SmallModels s_models = new(s_data);

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_data, recursive: true);

    [TestMethod]
    public void A_console_project_forecasts_and_trains_again()
    {
        var model = s_models.Forecast() with { Config = new(ConfigScenario.Forecasting) };
        var run = Build(model, "console forecast", ProjectWriter.WriteConsole);
        var lines = run().Trim().Split('\n');
        Assert.HasCount(8, lines, "two series of three steps");
        using var engine = model.Model.CreateForecastEngine(new MLContext());
        engine.Observe(model.Input);
        var first = engine.Predict("north");
        StringAssert.Contains(lines[1], string.Create(CultureInfo.InvariantCulture, $"{first.Times[0]:yyyy-MM-dd HH:mm:ss}  {first.Values[0]:G6}"));
        Assert.AreEqual(Sha256(model), run("train", Path.Combine(s_data, "again.mlnet")).Trim());
        StringAssert.Contains(run("evaluate"), "Seasonal naive");
        var config = Path.Combine(OutsideProjects.Folder, "around console forecast", "console forecast", model.Name + TrainingConfig.FileExtension);
        Assert.AreEqual(model.DataPath, TrainingConfig.Read(config).Data!.Find(config), "its path is relative, and leads to the data");
    }

    [TestMethod]
    public void A_console_project_forecasts_the_last_steps_again_where_columns_have_to_be_known()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan("forecasting", files.Write("shops.csv", ScenarioFiles.Shops(240)), ("--label-col", "Sales"), ("--horizon", "6"),
            ("--series-col", "Shop"),
            ("--time-col", "Time"), ("--window", "24"), ("--future-cols", "Rain"));
        var options = plan.Pipeline.Trainer.Options;
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs) = (4, 2);
        var model = PlanModel.Create(plan, "Shops", plan.Pipeline.Fit(new MLContext(1), options, plan.Learned, null), options, isRefitted: true);
        var run = Build(model, "console ahead", ProjectWriter.WriteConsole);
        var lines = run().Trim().Split('\n');
        Assert.HasCount(14, lines, "two series of six steps");
        StringAssert.Contains(lines[6], "2024-01-10 23:00:00");
    }

    [TestMethod]
    public void A_console_project_classifies_and_trains_again()
    {
        var model = s_models.Texts();
        var run = Build(model, "console texts", ProjectWriter.WriteConsole);
        var answer = run();
        Assert.IsTrue(Regex.IsMatch(answer, @"^Predicted label: (yes|no)\s+(yes|no): [01]\.\d{4}\s+(yes|no): [01]\.\d{4}\s*$"), answer);
        Assert.AreEqual(Sha256(model), run("train").Trim());
        Assert.AreEqual(answer, run(), "the model that took the place of the first");
        StringAssert.Contains(run("evaluate"), "Micro accuracy");
    }

    [TestMethod]
    public void A_console_project_writes_and_trains_again()
    {
        var model = s_models.Language();
        var run = Build(model, "console language", ProjectWriter.WriteConsole);
        NumberAssert.IsGreaterThan(0, run().Trim().Length);
        Assert.AreEqual(Sha256(model), run("train").Trim());
    }

    [TestMethod]
    public async Task A_web_project_forecasts_observes_and_continues_from_its_checkpoint()
    {
        var model = s_models.Forecast("Shop loads");
        var checkpoint = Path.Combine(s_data, "state.mlnet");
        var folder = Folder(model, "web forecast", ProjectWriter.WriteWebApi);
        string after;
        using (var server = new WebServer(Program(folder), "--Checkpoint", checkpoint))
        {
            await CheckCommon(server.Client);
            using (var answer = await server.Client.GetAsync("/forecasts/west")) Assert.AreEqual(HttpStatusCode.NotFound, answer.StatusCode);
            var before = await server.Client.GetStringAsync("/forecasts/north");
            Assert.AreEqual(3, JsonDocument.Parse(before).RootElement.GetProperty("targets")[0].GetProperty("values").GetArrayLength(), before);
            using (var answer = await server.Client.PostAsJsonAsync("/observations",
                new { the_time = new DateTime(2024, 1, 4, 8, 0, 0), @class = "north", load__MW_ = 90, _1st = 3 }))
                Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync());
            using (var answer =
                await server.Client.PostAsJsonAsync("/observations", new { the_time = new DateTime(2023, 1, 1), @class = "north", load__MW_ = 90, _1st = 3 }))
                Assert.AreEqual(HttpStatusCode.BadRequest, answer.StatusCode);
            after = await server.Client.GetStringAsync("/forecasts/north");
            Assert.AreNotEqual(before, after);
            server.Stop();
        }
        using (var server = new WebServer(Program(folder), "--Checkpoint", checkpoint))
            Assert.AreEqual(after, await server.Client.GetStringAsync("/forecasts/north"), "after a new start");
        StringAssert.Contains(File.ReadAllText(Path.Combine(folder, "Dockerfile")), "Shop_loads_WebApi.dll");
    }

    [TestMethod]
    public async Task A_web_project_classifies()
    {
        var folder = Folder(s_models.Texts(), "web texts", ProjectWriter.WriteWebApi);
        using var server = new WebServer(Program(folder));
        await CheckCommon(server.Client);
        using var answer = await server.Client.PostAsJsonAsync("/predict", new { what_was_said_ = "a good day" });
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync());
        Assert.AreEqual(2, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("score").GetArrayLength());
        using var all = await server.Client.PostAsJsonAsync("/predict/all", new { what_was_said_ = "a good day" });
        StringAssert.Contains(await all.Content.ReadAsStringAsync(), "\"key\"");
    }

    private static async Task CheckCommon(HttpClient client)
    {
        Assert.AreEqual("Healthy", await client.GetStringAsync("/health"));
        StringAssert.StartsWith(JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json")).RootElement.GetProperty("openapi").GetString(), "3.");
    }

    private delegate string Runner(params string[] arguments);

    private static string Sha256(GeneratedModel model) => model.Model.Steps().OfType<RecurrentTransformer>().Single().Model.WeightsSha256;

    private static Runner Build(GeneratedModel model, string name,
        Func<MLContext, GeneratedModel, string, string, System.Collections.Immutable.ImmutableArray<string>> write)
    {
        var folder = Folder(model, name, write);
        return (params string[] arguments) => DotNet.Run(s_data, null, ["exec", Program(folder), .. arguments]);
    }

    private static string Folder(GeneratedModel model, string name,
        Func<MLContext, GeneratedModel, string, string, System.Collections.Immutable.ImmutableArray<string>> write)
    {
        var mlContext = new MLContext();
        var saved = Path.Combine(s_data, name + ".mlnet");
        ProjectWriter.SaveModel(mlContext, model.Model, model.Input, saved);
        var folder = OutsideProjects.NewFolder(name);
        foreach (var file in write(mlContext, model, saved, folder)) Assert.IsTrue(File.Exists(file), file);
        DotNet.Run(folder, null, "build", "-c", "Release", "-o", "out", "-warnaserror", "-nodeReuse:false");
        return folder;
    }

    private static string Program(string folder) =>
        Path.ChangeExtension(Directory.EnumerateFiles(Path.Combine(folder, "out"), "*.runtimeconfig.json").Single(), null)
        .Replace(".runtimeconfig", ".dll", StringComparison.Ordinal);
}
