using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>
/// The console and the web project of each scenario, of Parquet and Arrow files: written to empty folders, built together on the packed package, and run.
/// Projects of text files are those of <see cref="ProjectTests"/>.
/// </summary>
[TestClass]
public sealed class EachProjectTests
{
    private const string Parquet = ".parquet", Arrow = ".arrow";

    private static readonly string[] s_colors = ["red", "blue"], s_things = ["house", "tree", "car"];

    private static readonly ScenarioFiles s_files = new();

    // By scenario its rows, its options, and the format of the console project's data; the web project has the other one.
    private static readonly (string Scenario, string Format, IEnumerable<string> Lines, (string, string)[] Options)[] s_all =
    [
        ("forecasting", Parquet, ScenarioFiles.Shops(240), [("--label-col", "Sales"), ("--horizon", "6"), ("--series-col", "Shop"), ("--window", "24")]),
        ("classification", Arrow, ScenarioFiles.Slopes(60), [("--label-col", "Class"), ("--series-col", "Sequence"), ("--time-col", "Step")]),
        ("regression", Parquet, ["part,step,wear,value", .. Enumerable.Range(0, 60).SelectMany(static part => Enumerable.Range(0, 6)
            .Select(step => ScenarioFiles.Say($"p{part},{step},{part % 9},{part % 9 + step * 0.5}")))],
            [("--label-col", "wear"), ("--series-col", "part"), ("--time-col", "step")]),
        ("text-classification", Arrow, ["topic,text", .. Enumerable.Range(0, 120).Select(static row =>
            $"{(row % 2 == 0 ? "color" : "thing")},{(row % 2 == 0 ? s_colors[row / 2 % 2] : s_things[row / 2 % 3])} here {row % 7}")],
            [("--label-col", "topic"), ("--text-col", "text")]),
        ("tagging", Parquet, ["text,tags", .. Enumerable.Range(0, 120).Select(static row =>
            $"the {s_colors[row % 2]} {s_things[row % 3]} {row % 7},O B-color B-thing O")], [("--label-col", "tags"), ("--text-col", "text")]),
        ("language-model", Arrow, ["text,row", .. Enumerable.Range(0, 200).Select(static row =>
            $"the {s_colors[row % 2]} {s_things[row % 3]} is {s_colors[row % 2]},{row}")], [("--text-col", "text")]),
        ("translation", Parquet, ScenarioFiles.Translations(200), [("--label-col", "french"), ("--text-col", "english")]),
        ("autoencoder", Parquet, ["part,step,value", .. Enumerable.Range(0, 60).SelectMany(static part => Enumerable.Range(0, 6)
            .Select(step => ScenarioFiles.Say($"p{part},{step},{part % 9 + step * 0.5}")))], [("--series-col", "part"), ("--time-col", "step")]),
    ];

    private static readonly Lazy<Dictionary<string, string>> s_projects = new(Build);

    private static readonly Dictionary<string, string> s_digests = [];

    public static IEnumerable<object[]> Scenarios => s_all.Select(static one => new object[] { one.Scenario });

    [ClassCleanup]
    public static void Delete() => s_files.Dispose();

    [TestMethod]
    [DynamicData(nameof(Scenarios))]
    public void The_console_project_answers_evaluates_and_trains_the_same_model_from_its_file(string scenario)
    {
        var program = s_projects.Value["console " + scenario];
        Assert.AreNotEqual("", Run().Trim());
        if (scenario != "language-model") Assert.AreNotEqual("", Run("evaluate").Trim());
        Assert.AreEqual(s_digests[program], Run("train").Trim());

        string Run(params string[] arguments) => DotNet.Run(Path.GetDirectoryName(program)!, null, ["exec", program, .. arguments]);
    }

    [TestMethod]
    [DynamicData(nameof(Scenarios))]
    public async Task The_web_project_is_healthy_and_answers(string scenario)
    {
        using var server = new WebServer(s_projects.Value["web " + scenario]);
        Assert.AreEqual("Healthy", await server.Client.GetStringAsync("/health"));
        var api = JsonNode.Parse(await server.Client.GetStringAsync("/openapi/v1.json"))!;
        if (scenario == "forecasting")
        {
            var shops = JsonNode.Parse(await server.Client.GetStringAsync("/forecasts"))!.AsObject();
            Assert.AreEqual("1 2", string.Join(' ', shops.Select(static shop => shop.Key)));
            Assert.HasCount(6, shops["2"]!["targets"]![0]!["values"]!.AsArray());
            return;
        }
        var path = scenario == "language-model" ? "/generate" : "/predict";
        Assert.IsTrue(api["paths"]!.AsObject().ContainsKey(path), api.ToJsonString());
        var properties = api["components"]!["schemas"]!["ModelInput"]!["properties"]!.AsObject();
        var body = new JsonObject(properties.Select(static property => KeyValuePair.Create(property.Key, Example(property.Value!))));
        using var answer = await server.Client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.IsTrue(answer.IsSuccessStatusCode, $"{body.ToJsonString()}: {text} {api["components"]!.ToJsonString()}");
        NumberAssert.IsGreaterThan(2, text.Length);
    }

    private static JsonNode? Example(JsonNode schema)
    {
        // A number that may be missing is told as one of two types, in some schemas behind a reference of the array's.
        var text = schema.ToJsonString();
        return text.Contains("array", StringComparison.Ordinal) ? new JsonArray([.. Enumerable.Range(0, 12).Select(_ => Example(schema["items"]!))])
            : text.Contains("number", StringComparison.Ordinal) || text.Contains("integer", StringComparison.Ordinal) ? JsonValue.Create(1)
            : text.Contains("date-time", StringComparison.Ordinal) ? JsonValue.Create("2024-01-01T00:00:00")
            : JsonValue.Create("the red house");
    }

    // All projects in one build.
    private static Dictionary<string, string> Build()
    {
        var folder = OutsideProjects.NewFolder("each");
        var programs = new Dictionary<string, string>();
        var solution = new XElement("Solution");
        foreach (var (scenario, format, lines, values) in s_all)
        {
            Add("console " + scenario, format, ProjectWriter.WriteConsole);
            Add("web " + scenario, format == Parquet ? Arrow : Parquet, ProjectWriter.WriteWebApi);

            void Add(string name, string extension,
                Func<MLContext, GeneratedModel, string, string, System.Collections.Immutable.ImmutableArray<string>> write)
            {
                var data = Path.Combine(Path.GetDirectoryName(s_files.Write("place", []))!, name + extension);
                ColumnarFiles.Write(data, lines);
                var own = Path.Combine(folder, name);
                var model = Model(s_files.Plan(scenario, data, values), name);
                var saved = Path.ChangeExtension(data, ".mlnet");
                ProjectWriter.SaveModel(s_files.Context, model.Model, model.Input, saved);
                var project = write(s_files.Context, model, saved, own).Single(static file => file.EndsWith(".csproj", StringComparison.Ordinal));
                solution.Add(new XElement("Project", new XAttribute("Path", Path.GetRelativePath(folder, project))));
                var assembly = XDocument.Load(project).Descendants("AssemblyName").Single().Value;
                programs[name] = Path.Combine(own, "bin", "Release", "net10.0", assembly + ".dll");
                s_digests[programs[name]] = model.Model.Steps().OfType<RecurrentTransformer>().Single().Model.WeightsSha256;
            }
        }
        solution.Save(Path.Combine(folder, "each.slnx"));
        DotNet.Run(folder, null, "build", "each.slnx", "-c", "Release", "-warnaserror", "-nodeReuse:false");
        return programs;
    }

    private static GeneratedModel Model(ScenarioPlan plan, string name)
    {
        var options = plan.Pipeline.Trainer.Options;
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs, options.NumberOfThreads) = (4, 2, 1);
        var model = plan.Pipeline.Fit(s_files.Context, options, plan.Learned, null);
        return PlanModel.Create(plan, CultureInfo.InvariantCulture.TextInfo.ToTitleCase(name).Replace(" ", "", StringComparison.Ordinal)
            .Replace("-", "", StringComparison.Ordinal), model, options, isRefitted: true);
    }
}
