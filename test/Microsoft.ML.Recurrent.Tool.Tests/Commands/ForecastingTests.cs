using System.Text.Json.Nodes;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>From a CSV file to a model, and from the model to predictions and figures.</summary>
[TestClass]
public sealed class ForecastingTests
{
    [TestMethod]
    public async Task A_run_writes_a_model_with_its_configuration()
    {
        var folder = await TrainedFolder.PathAsync();
        var output = await TrainedFolder.OutputAsync();
        foreach (var part in (string[])["240 rows, 3 columns", "Seasonal naive", "RMSE", "held-out forecasts", $"Written to {folder}", "hours.mlnet"])
            StringAssert.Contains(output, part);
        Assert.IsFalse(Directory.Exists(folder + ".partial"));
        foreach (var file in (string[])["trials.db", "report.html", "hours.csproj", "Program.cs", "hours.consumption.cs", "hours.training.cs",
            "hours.evaluate.cs"])
            Assert.IsTrue(File.Exists(Path.Combine(folder, file)), file);
        var report = await File.ReadAllTextAsync(Path.Combine(folder, "report.html"));
        foreach (var part in (string[])["hours: forecasting", "mlrecurrent forecasting --dataset", "Seasonal naive"]) StringAssert.Contains(report, part);
        var config = TrainingConfig.Read(Path.Combine(folder, "hours.mbconfig"));
        Assert.AreEqual(("Forecasting", "load", "time", 3),
            (config.Scenario, config.Training.LabelColumn, config.Training.TimeColumn, config.Training.Horizon));
        Assert.AreEqual(("../hours.csv", ",", true, "12"), (config.Data!.Path, config.Data.Delimiter, config.Data.HasHeader, config.Recurrent["Window"]));
        Assert.AreEqual(("hours.mlnet", "RMSE", 1), (config.History!.ModelPath, config.History.MetricName, config.History.Trials.Count));
        Assert.AreEqual("time:Feature:String load:Feature:Single warmth:Ignore:Single",
            string.Join(' ', config.Data.Columns.Select(static column => $"{column.Name}:{column.Purpose}:{column.DataFormat}")));
    }

    [TestMethod]
    public async Task The_same_configuration_trains_the_same_model()
    {
        var folder = await TrainedFolder.PathAsync();
        using var other = new TemporaryFolder();
        var (code, output,
            error) = await CommandLineTests.RunAsync("train", "--training-config", Path.Combine(folder, "hours.mbconfig"), "-o", other["again"], "--json");
        Assert.AreEqual(ExitCode.Success, code, error);
        var result = JsonNode.Parse(output)!;
        Assert.AreEqual((Path.Combine(other.Path, "again", "hours.mlnet"), "RMSE", 1),
            ((string)result["model"]!, (string)result["evaluation"]!["metrics"]![0]!["name"]!, result["trials"]!.AsArray().Count));
        Assert.AreEqual(await PredictAsync(folder), await PredictAsync(other["again"]));
    }

    [TestMethod]
    public async Task A_search_tells_the_final_between_its_best_trials_and_the_default_options()
    {
        var folder = await TrainedFolder.PathAsync();
        using var other = new TemporaryFolder();
        string[] command = ["forecasting", "--dataset", Path.Combine(folder, "../hours.csv"), "--label-col", "load", "--time-col", "time", "--horizon", "3",
            "--window", "12", "--max-trials", "6", "--project", "none"];
        var (code, output, error) = await CommandLineTests.RunAsync([.. command, "-o", other["one"], "--json"]);
        Assert.AreEqual(ExitCode.Success, code, error);
        var result = JsonNode.Parse(output)!;
        var (final, trials) = (result["final"]!, result["trials"]!.AsArray());
        Assert.HasCount(6, trials);
        Assert.HasCount(5, final["folds"]!.AsArray());
        var better = trials.Count(trial => (double?)trial!["metric"] < (double)trials[0]!["metric"]!);
        var finalists = final["trials"]!.AsArray();
        Assert.HasCount(Math.Min(3, better), finalists);
        var chosen = finalists.Where(static one => (bool)one!["isBetter"]!).MinBy(static one => (double)one!["meanRatio"]!);
        Assert.AreEqual(chosen is null ? 1 : (int)chosen["number"]!, (int)result["best"]!["number"]!, output);
        foreach (var one in finalists)
        {
            var own = trials[(int)one!["number"]! - 1]!["folds"]!.AsArray().Select(static fold => (double)fold!["metric"]!);
            var known = trials[0]!["folds"]!.AsArray().Select(static fold => (double)fold!["metric"]!);
            NumberAssert.IsLessThan(1e-9, Math.Abs(own.Zip(known, static (x, y) => x / y).Average() - (double)one["meanRatio"]!));
        }
        var report = await File.ReadAllTextAsync(Path.Combine(other["one"], "report.html"));
        StringAssert.Contains(report, "Final on folds");
        (code, output, error) = await CommandLineTests.RunAsync([.. command, "-o", other["two"]]);
        Assert.AreEqual(ExitCode.Success, code, error);
        StringAssert.Contains(output.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal),
            chosen is null ? "The default options stay" : "takes the place");
        if (better > 0) StringAssert.Contains(output, "of trial 1: RMSE");
    }

    [TestMethod]
    public async Task Predictions_are_csv_in_a_pipe_and_in_a_file()
    {
        var folder = await TrainedFolder.PathAsync();
        var text = await PredictAsync(folder);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual("time,Step,Forecast,LowerBound,UpperBound", lines[0]);
        CollectionAssert.AreEqual((string[])["2024-01-11 00:00:00", "2024-01-11 01:00:00", "2024-01-11 02:00:00"],
            lines[1..].Select(static line => line.Split(',')[0]).ToArray());

        using var other = new TemporaryFolder();
        string[] command = ["predict", Path.Combine(folder, "hours.mlnet"), "--dataset", Path.Combine(folder, "../hours.csv"), "-o", other["y.csv"]];
        var (code, output, error) = await CommandLineTests.RunAsync(command);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        StringAssert.Contains(output, "3 rows");
        Assert.AreEqual(text, await File.ReadAllTextAsync(other["y.csv"]));
        (code, _, error) = await CommandLineTests.RunAsync(command);
        Assert.AreEqual(ExitCode.Usage, code);
        StringAssert.Contains(error, "--force replaces it");
    }

    [TestMethod]
    public async Task A_model_predicts_where_its_training_rows_are_not()
    {
        var folder = await TrainedFolder.PathAsync();
        using var other = new TemporaryFolder();
        foreach (var file in (string[])["hours.mlnet", "hours.mbconfig"]) File.Copy(Path.Combine(folder, file), other[file]);
        var (code, output, error) = await CommandLineTests.RunAsync("predict", other["hours.mlnet"], "--dataset", Path.Combine(folder, "../hours.csv"));
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        Assert.AreEqual(await PredictAsync(folder), output);
    }

    [TestMethod]
    public async Task Later_rows_are_evaluated_with_baselines_and_models_compared_on_them()
    {
        var folder = await TrainedFolder.PathAsync();
        using var later = new TemporaryFile(HourlyData.Lines(60, from: 240));
        var (code, output, error) = await CommandLineTests.RunAsync("evaluate", folder, "--dataset", later.Path, "--json");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        var evaluation = JsonNode.Parse(output)!;
        var lines = evaluation["lines"]!.AsArray();
        Assert.IsFalse((bool)lines[0]!["isBaseline"]!);
        Assert.IsTrue((bool)lines[1]!["isBaseline"]!);
        var rmse = (double)lines[0]!["values"]!["RMSE"]!;

        (code, output, error) = await CommandLineTests.RunAsync("compare", folder, Path.Combine(folder, "hours.mlnet"), "--dataset", later.Path, "--json");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        lines = JsonNode.Parse(output)!["lines"]!.AsArray();
        Assert.AreEqual((folder, rmse, rmse), ((string)lines[0]!["name"]!, (double)lines[0]!["values"]!["RMSE"]!, (double)lines[1]!["values"]!["RMSE"]!));
    }

    [TestMethod]
    public async Task The_rows_that_the_run_held_out_give_its_figure_again()
    {
        var folder = await TrainedFolder.PathAsync();
        var (code, output, error) = await CommandLineTests.RunAsync("evaluate", folder);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        var line = output.Split('\n').Single(static line => line.Contains("Recurrent network", StringComparison.Ordinal));
        StringAssert.Contains(await TrainedFolder.OutputAsync(), line);
    }

    [TestMethod]
    public async Task What_may_be_wrong_with_the_columns_is_told()
    {
        using var folder = new TemporaryFolder();
        var lines = HourlyData.Lines();
        await File.WriteAllLinesAsync(folder["hours.csv"], [lines[0] + ",plan,site", .. lines[1..].Select(static (line, row) =>
            $"{(row == 7 ? line[..line.LastIndexOf(',')] + "," : line)},{line.Split(',')[1]},home")]);
        var (code, _, error) =
            await CommandLineTests.RunAsync(["forecasting", "--dataset", folder["hours.csv"], .. HourlyData.Options, "-o", folder["out"], "--project", "none",
            "--past-cols", "warmth", "--future-cols", "plan"]);
        Assert.AreEqual(ExitCode.Success, code, error);
        StringAssert.Contains(error, "Warning: 1 of 240 rows have no value of 'warmth' (0.4%): empty cells are missing values.");
        StringAssert.Contains(error, "Warning: The column 'plan' equals the label in all of the rows: leave it out (--ignore-cols) if it is not known");
        Assert.DoesNotContain("site", error, "it is not used");
    }

    // Ten years of months leave too few windows to calibrate intervals on: a forecast without bounds is better than none.
    [TestMethod]
    public async Task A_short_series_is_forecast_though_it_has_no_bounds()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["months.csv"], ["month,sales", .. Enumerable.Range(0, 120).Select(static month =>
            $"{2014 + month / 12}-{1 + month % 12:00},{100 + month + 10 * (month % 12 == 11 ? 3 : month % 3)}")]);
        var (code, _, error) =
            await CommandLineTests.RunAsync("forecasting", "--dataset", folder["months.csv"], "--label-col", "sales", "--horizon", "12", "--max-trials", "1",
            "-o", folder["out"], "--project", "none");
        Assert.AreEqual(ExitCode.Success, code, error);
        StringAssert.Contains(error, "MLR1002");
        (code, var output, error) = await CommandLineTests.RunAsync("predict", folder["out"], "--dataset", folder["months.csv"]);
        Assert.AreEqual(ExitCode.Success, code, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(13, lines);
        StringAssert.StartsWith(lines[1], "2024-01-01 00:00:00,1,");
        StringAssert.EndsWith(lines[1], ",NaN,NaN");
    }

    [TestMethod]
    public async Task A_plan_trains_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["hours.csv"], HourlyData.Lines());
        string[] command = ["forecasting", "--dataset", folder["hours.csv"], .. HourlyData.Options, "-o", folder["out"], "--plan"];
        var (code, output, error) = await CommandLineTests.RunAsync(command);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        foreach (var part in (string[])["An epoch takes about", "--past-cols", "warmth", "Ignored", "compared by RMSE"]) StringAssert.Contains(output, part);
        (_, output, _) = await CommandLineTests.RunAsync([.. command, "--json"]);
        Assert.AreEqual(("forecasting", 3, 50),
            ((string)JsonNode.Parse(output)!["scenario"]!, JsonNode.Parse(output)!["columns"]!.AsArray().Count,
                (int)JsonNode.Parse(output)!["maximumNumberOfEpochs"]!));
        Assert.AreEqual(1, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    private static async Task<string> PredictAsync(string folder)
    {
        var data = Path.Combine(await TrainedFolder.PathAsync(), "../hours.csv");
        var (code, output, error) = await CommandLineTests.RunAsync("predict", folder, "--dataset", data);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        return output;
    }
}
