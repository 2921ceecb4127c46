using System.Text;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Configuration;

[TestClass]
public sealed class TrainingConfigTests
{
    // Made up, with what other writers do differently: numbers in 17 digits, letters beyond ASCII, a key that nobody knows, a slash and a plus sign.
    private const string Version5 = """
        {
          "Scenario": "Forecasting",
          "DataSource": {
            "Version": 3,
            "EscapeCharacter": "\"",
            "Type": "TabularFile",
            "FilePath": "C:\\users\\jörg\\tide+moon.csv",
            "Delimiter": ";",
            "DecimalMarker": ",",
            "HasHeader": true,
            "Unknown": { "a/b": 0.78489950343613357, "empty": [], "nothing": null },
            "ColumnProperties": [
              {
                "ColumnName": "hour",
                "ColumnPurpose": "Feature",
                "ColumnDataFormat": "String",
                "IsCategorical": true,
                "Type": "Column",
                "Version": 5
              }
            ]
          },
          "RunHistory": {
            "Version": 3,
            "Type": "Result",
            "Trials": [
              {
                "Version": 1,
                "Type": "Trial",
                "TrainerName": "ForecastBySsa",
                "Score": "NaN",
                "RuntimeInSeconds": 1.2500000000000001
              }
            ],
            "MetricName": "RMSE"
          },
          "Type": "TrainingConfig",
          "Version": 5,
          "TrainingOption": {
            "Version": 3,
            "Type": "ForecastingTrainingOption",
            "TrainingTime": 2147483647,
            "Horizon": 12,
            "TimeColumn": "hour",
            "LabelColumn": "level"
          }
        }
        """;

    private static readonly string s_folder = Directory.CreateTempSubdirectory("mbconfig").FullName;

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, true);

    private static string Write(string text, bool mark, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var path = Path.Combine(s_folder, name + TrainingConfig.FileExtension);
        File.WriteAllText(path, text, new UTF8Encoding(mark));
        return path;
    }

    [TestMethod]
    [DataRow("\n", true, "")]
    [DataRow("\r\n", true, "")]
    [DataRow("\n", false, "\n")]
    [DataRow("\r\n", false, "\r\n")]
    public void A_file_that_is_read_and_written_has_the_same_bytes(string newLine, bool mark, string end)
    {
        var text = Version5.ReplaceLineEndings("\n").Replace("\n", newLine, StringComparison.Ordinal);
        // The writer's own form of the one object that stands in a line.
        text = text.Replace("{ \"a/b\": 0.78489950343613357, \"empty\": [], \"nothing\": null }", string.Join(newLine,
            "{", "      \"a/b\": 0.78489950343613357,", "      \"empty\": [],", "      \"nothing\": null", "    }"), StringComparison.Ordinal);
        var path = Write(text + end, mark);
        var before = File.ReadAllBytes(path);
        var config = TrainingConfig.Read(path);
        // Looking leaves no trace.
        Assert.AreEqual(12, config.Training.Horizon);
        Assert.IsFalse(config.Recurrent.Exists);
        Assert.IsEmpty(config.Recurrent.SeriesColumns);
        config.Write(path);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
    }

    [TestMethod]
    public void What_the_file_says_is_read()
    {
        var config = TrainingConfig.Read(Write(Version5, true));
        Assert.AreEqual((5, ConfigScenario.Forecasting), (config.Version, config.Scenario));
        var data = config.Data!;
        Assert.AreEqual(("C:\\users\\jörg\\tide+moon.csv", ";", ",", true, false),
            (data.Path, data.Delimiter, data.DecimalMarker, data.HasHeader, data.AllowQuoting));
        Assert.AreEqual(new ConfigColumn("hour", "Feature", "String", true), data.Columns.Single());
        var training = config.Training;
        Assert.AreEqual((null, 12, "hour", "level", null),
            (training.TrainingTime, training.Horizon, training.TimeColumn, training.LabelColumn, training.TextColumn));
        Assert.AreEqual("RMSE", config.History!.MetricName);
        Assert.AreEqual(double.NaN, config.History.Trials.Single().Score);
    }

    [TestMethod]
    public void Options_of_our_own_stand_last_and_nothing_else_moves()
    {
        var path = Write(Version5, true);
        var config = TrainingConfig.Read(path);
        config.Write(path);
        var before = File.ReadAllText(path);
        config.Recurrent.SeriesColumns = ["harbour"];
        config.Recurrent["Frequency"] = "hourly";
        config.Write(path);
        var after = File.ReadAllText(path);
        StringAssert.StartsWith(after, before[..before.LastIndexOf('}')].TrimEnd(), StringComparison.Ordinal);
        CollectionAssert.AreEqual(new[] { "harbour" }, TrainingConfig.Read(path).Recurrent.SeriesColumns.ToArray());
    }

    [TestMethod]
    [DataRow("""{ "TrainingConfigurationVersion": 0, "Scenario": { "ScenarioType": "Classification" }, "DataSource": { "DataSourceType": "TabularFile", """
        + """ "FilePath": "a.tsv", "Delimiter": "\t" }, "TrainingTime": 60 }""", 0)]
    [DataRow("""{ "TrainingTime": 60, "Scenario": "Classification", "DataSource": { "Type": "TabularFile", "FilePath": "a.tsv", "Delimiter": "\t", """
        + """ "ColumnProperties": [ { "ColumnName": "kind", "ColumnPurpose": "Label" } ] }, """
        + """ "Type": "TrainingConfig", "Version": 1 }""", 1)]
    [DataRow("""{ "Scenario": "Classification", "DataSource": { "Type": "TabularFile", "FilePath": "a.tsv", "Delimiter": "\t" }, "Type": "TrainingConfig", """
        + """ "Version": 3, "TrainingOption": { "Type": "ClassificationTrainingOption", "TrainingTime": 60 } }""", 3)]
    public void Old_versions_are_read(string text, int version)
    {
        var config = TrainingConfig.Read(Write(text, false));
        Assert.AreEqual((version, "Classification", 60, "a.tsv", "\t"),
            (config.Version, config.Scenario, config.Training.TrainingTime, config.Data!.Path, config.Data.Delimiter));
        Assert.AreEqual(version == 1 ? "kind" : null, config.Training.LabelColumn);
        config.Training.TrainingTime = 90;
        Assert.AreEqual(90, config.Training.TrainingTime);
    }

    [TestMethod]
    public void A_new_configuration_has_the_keys_of_version_5_in_their_order()
    {
        var config = new TrainingConfig(ConfigScenario.TextClassification);
        config.Data!.Path = "questions.csv";
        config.Data.Columns = [new("text", "Text", "String", false), new("topic", "Label", "String", false)];
        (config.Training.TrainingTime, config.Training.LabelColumn, config.Training.TextColumn, config.Training.ValidationFraction) =
            (120, "topic", "text", 0.1);
        var history = config.BeginHistory();
        (history.MetricName, history.Trials, history.ModelPath) = ("MacroAccuracy", [new("Lstm", 0.5, 2), new("Gru", double.NaN, 1)], "questions.mlnet");
        var path = Path.Combine(s_folder, "new.mbconfig");
        config.Write(path);
        var text = File.ReadAllText(path);
        string[] keys = ["Scenario", "DataSource", "Environment", "RunHistory", "Type\": \"TrainingConfig", "Version\": 5,\n  \"TrainingOption",
            "TrainingOption",
            "TextClassficationTrainingOption"];
        var places = keys.Select(key => text.IndexOf($"\"{key}", StringComparison.Ordinal)).ToArray();
        CollectionAssert.AreEqual(places.Order().ToArray(), places, string.Join(' ', places));
        NumberAssert.IsGreaterThanOrEqualTo(0, places[0]);
        var read = TrainingConfig.Read(path);
        Assert.AreEqual((120, "topic", "text", 0.1),
            (read.Training.TrainingTime, read.Training.LabelColumn, read.Training.TextColumn, read.Training.ValidationFraction));
        Assert.AreEqual(double.NaN, read.History!.Trials[1].Score);
    }

    [TestMethod]
    public void Data_are_found_beside_the_file_where_their_path_does_not_exist()
    {
        var path = Write(Version5, true);
        var config = TrainingConfig.Read(path);
        Assert.AreEqual("tide+moon.csv", Path.GetFileName(config.Data!.Find(path)), config.Data.Find(path));
        var beside = Path.Combine(s_folder, "tide+moon.csv");
        File.WriteAllText(beside, "hour;level\n");
        Assert.AreEqual(beside, config.Data.Find(path));
        config.Data.Path = "tide+moon.csv";
        Assert.AreEqual(beside, config.Data.Find(path));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{ \"Scenario\": ")]
    [DataRow("[]")]
    [DataRow("{ \"Type\": \"TrainingConfig\" }")]
    public void What_is_no_configuration_is_refused_with_its_name(string text)
    {
        var path = Write(text, false);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => TrainingConfig.Read(path));
        StringAssert.Contains(error.Message, path, StringComparison.Ordinal);
    }
}
