using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Catalog;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;

/// <summary>Small tables in a folder of their own, and plans of them.</summary>
internal sealed class ScenarioFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scenarios");

    public MLContext Context { get; } = new(1);

    public string Write(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    public ScenarioTable Open(string path, bool? hasHeader = null) => ScenarioTable.Open(Context, path, new TableOptions { HasHeader = hasHeader });

    public ScenarioPlan Plan(string scenario, string train, string? test, bool? hasHeader, params (string Option, string Value)[] values) =>
        ScenarioCatalog.Find(scenario).CreatePlan(Context, new()
        {
            Training = Open(train, hasHeader),
            Test = test is null ? null : Open(test, hasHeader),
            Values = values.ToDictionary(static value => value.Option, static value => value.Value),
        });

    public ScenarioPlan Plan(string scenario, string train, params (string Option, string Value)[] values) => Plan(scenario, train, null, null, values);

    /// <summary>The pipeline of a plan, fitted for a few epochs.</summary>
    public ITransformer Fit(ScenarioPlan plan, int epochs)
    {
        var options = plan.Pipeline.Trainer.Options;
        options.Stopping.MaximumNumberOfEpochs = epochs;
        options.NumberOfThreads = 1;
        options.Network.HiddenSize = 8;
        return plan.Pipeline.Fit(Context, options, plan.Train, plan.Validation);
    }

    /// <summary>The model as a file has it.</summary>
    public ITransformer Reload(ScenarioPlan plan, ITransformer model)
    {
        var path = Path.Combine(_folder.FullName, "model.mlnet");
        Context.Model.Save(model, plan.Request.Training.View.Schema, path);
        return Context.Model.Load(path, out _);
    }

    /// <summary>Hours of shops whose sales have a daily season and fall when it rains.</summary>
    public static IEnumerable<string> Shops(int hours, int rainAhead = 0, int from = 0)
    {
        yield return "Time,Shop,Sales,Rain,Size";
        for (var shop = 1; shop <= 2; shop++)
        {
            for (var hour = from; hour < from + hours + rainAhead; hour++)
            {
                var rain = hour * 7 % 11 < 4 ? 1 : 0;
                var sales = hour < from + hours ? Say($"{10 * shop + 5 * Math.Sin(hour * Math.PI / 12) - 2 * rain:F3}") : "";
                yield return Say($"{new DateTime(2024, 1, 1).AddHours(hour):yyyy-MM-dd HH:mm:ss},{shop},{sales},{rain},{100 * shop}");
            }
        }
    }

    /// <summary>Pairs of texts.</summary>
    public static IEnumerable<string> Translations(int count)
    {
        string[] colors = ["red", "blue"], things = ["house", "tree", "car"], rouge = ["rouge", "bleue"], maison = ["maison", "plante", "voiture"];
        yield return "english,french";
        for (var row = 0; row < count; row++)
            yield return Say($"the {colors[row % 2]} {things[row % 3]} {row % 5},{maison[row % 3]} {rouge[row % 2]} {row % 5}");
    }

    /// <summary>Sequences of two numbers whose class is the sign of their slope, a row a step.</summary>
    public static IEnumerable<string> Slopes(int count)
    {
        yield return "Sequence,Step,Class,A,B";
        for (var sequence = 0; sequence < count; sequence++)
        {
            var up = sequence % 2 == 0;
            for (var step = 0; step < 6 + sequence % 3; step++)
            {
                var value = (up ? step : -step) + sequence % 5;
                yield return Say($"{sequence},{step},{(up ? 1 : 2)},{value},{-0.5 * value}");
            }
        }
    }

    public static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _folder.Delete(recursive: true);
}
