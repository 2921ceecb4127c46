using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>Each scenario from its rows to predictions, on few of them.</summary>
[TestClass]
public sealed class ScenarioCommandTests
{
    private static readonly string[] s_colors = ["red", "blue"], s_things = ["house", "tree", "car"],
        s_french = ["maison", "plante", "voiture"];

    [TestMethod]
    public Task Sequences_of_numbers_are_classified() => TrainAsync(["classification", "--label-col", "kind", "--series-col", "part", "--time-col", "step"],
        ["part,step,kind,value", .. Enumerable.Range(0, 60).SelectMany(static part => Enumerable.Range(0, 6).Select(step => Say(
            $"{part},{step},{(part % 2 == 0 ? "up" : "down")},{(part % 2 == 0 ? step : -step) + part % 5 * 0.1}")))], "MicroAccuracy");

    [TestMethod]
    public Task Numbers_of_sequences_are_predicted() => TrainAsync(["regression", "--label-col", "wear", "--series-col", "part", "--time-col", "step"],
        ["part,step,wear,value", .. Enumerable.Range(0, 60).SelectMany(static part => Enumerable.Range(0, 6).Select(step => Say(
            $"p{part},{step},{part % 9},{part % 9 + step * 0.5}")))], "RMSE");

    [TestMethod]
    public Task Texts_are_classified() => TrainAsync(["text-classification", "--label-col", "topic", "--text-col", "text"],
        ["topic,text", .. Enumerable.Range(0, 120)
            .Select(static row => $"{(row % 2 == 0 ? "color" : "thing")},{(row % 2 == 0 ? s_colors[row / 2 % 2] : s_things[row / 2 % 3])} "
            + $"{(row % 3 == 0 ? "here" : "there")} {row % 7}")], "MicroAccuracy");

    [TestMethod]
    public Task Words_are_tagged() => TrainAsync(["tagging", "--label-col", "tags", "--text-col", "text"],
        ["text,tags", .. Enumerable.Range(0, 120).Select(static row => $"the {s_colors[row % 2]} {s_things[row % 3]} {row % 7},O B-color B-thing O")],
        "EntityF1");

    [TestMethod]
    public Task Words_are_predicted() => TrainAsync(["language-model", "--text-col", "text"],
        ["text,row", .. Enumerable.Range(0, 200).Select(static row => $"the {s_colors[row % 2]} {s_things[row % 3]} is {s_colors[row % 2]},{row}")],
        "Perplexity");

    [TestMethod]
    public Task Texts_are_translated() => TrainAsync(["translation", "--label-col", "french", "--text-col", "english"],
        ["english,french", .. Enumerable.Range(0, 200).Select(static row => $"the {s_colors[row % 2]} {s_things[row % 3]} {row % 5},"
            + $"{s_french[row % 3]} {(row % 2 == 0 ? "rouge" : "bleue")} {row % 5}")], "BLEU");

    [TestMethod]
    public Task Sequences_are_coded() => TrainAsync(["autoencoder", "--series-col", "part", "--time-col", "step"],
        ["part,step,value", .. Enumerable.Range(0, 60).SelectMany(static part => Enumerable.Range(0, 6).Select(step => Say(
            $"p{part},{step},{part % 9 + step * 0.5}")))], "ELBO");

    private static async Task TrainAsync(string[] command, string[] lines, string metric)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["rows.csv"], lines);
        var (code, output,
            error) = await CommandLineTests.RunAsync([.. command, "--dataset", folder["rows.csv"], "--has-header", "--max-trials", "1", "--train-time", "20",
            "-o", folder["out"], "--json"]);
        Assert.AreEqual(ExitCode.Success, code, error);
        var result = JsonNode.Parse(output)!;
        Assert.AreEqual((command[0], metric, metric),
            ((string)result["scenario"]!, (string)result["metric"]!, (string)result["evaluation"]!["metrics"]![0]!["name"]!));
        (code, output, error) = await CommandLineTests.RunAsync("predict", folder["out"], "--dataset", folder["rows.csv"]);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        NumberAssert.IsGreaterThan(50, output.Split('\n').Length);
        (code, output, error) = await CommandLineTests.RunAsync("evaluate", folder["out"], "--json");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        Assert.AreEqual(result["evaluation"]!["lines"]!.ToJsonString(), JsonNode.Parse(output)!["lines"]!.ToJsonString());
        await PredictElsewhereAsync(folder, lines, command[0] is "language-model" or "autoencoder" ? "" : command[2]);
    }

    // Without the training rows, without a label, and with a column that training has not seen.
    private static async Task PredictElsewhereAsync(TemporaryFolder folder, string[] lines, string label)
    {
        var (_, expected, _) = await CommandLineTests.RunAsync("predict", folder["out"], "--dataset", folder["rows.csv"]);
        File.Delete(folder["rows.csv"]);
        var place = Array.IndexOf(lines[0].Split(','), label);
        await File.WriteAllLinesAsync(folder["next.csv"], lines.Select((line, row) =>
            string.Join(',', line.Split(',').Where((_, i) => i != place).Append(row == 0 ? "extra" : Say($"{row * 0.5}")))));
        var (code, output, error) = await CommandLineTests.RunAsync("predict", folder["out"], "--dataset", folder["next.csv"]);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        Assert.AreEqual(expected, output);
        if (label == "wear") StringAssert.StartsWith(output, "part,wear.Score\n");
        // Rows that are written in another way than those of the training.
        var other = await File.ReadAllTextAsync(folder["next.csv"]);
        await File.WriteAllTextAsync(folder["next.csv"], other.Replace(',', ';').Replace('.', ','));
        (code, output, error) = await CommandLineTests.RunAsync("predict", folder["out"], "--dataset", folder["next.csv"]);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        Assert.AreEqual(expected, output);
    }

    [TestMethod]
    public async Task A_text_among_the_features_is_left_out_with_a_warning()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["rows.csv"], ["kind,a,b,color,note", .. Enumerable.Range(0, 60)
            .Select(static row => Say($"{(row % 2 == 0 ? "up" : "down")},{row % 2 - 0.5},{row % 7},{s_colors[row % 3 % 2]},x{row}"))]);
        string[] command = ["classification", "--dataset", folder["rows.csv"], "--label-col", "kind", "--plan", "--json"];
        var (code, output, error) = await CommandLineTests.RunAsync([.. command, "--ignore-cols", "note"]);
        Assert.AreEqual(ExitCode.Success, code, error);
        var warnings = JsonNode.Parse(output)!["warnings"]!.ToJsonString();
        StringAssert.Contains(warnings, "color");
        StringAssert.Contains(warnings, "is left out: this scenario learns from numbers");
        Assert.IsFalse(warnings.Contains("note", StringComparison.Ordinal), warnings);
        (_, output, _) = await CommandLineTests.RunAsync([.. command, "--feature-cols", "a,b"]);
        Assert.IsFalse(output.Contains("is left out: this scenario", StringComparison.Ordinal), output);
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
