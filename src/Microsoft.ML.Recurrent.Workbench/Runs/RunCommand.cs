using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>The command line of a request.</summary>
public static class RunCommand
{
    /// <summary>Writes the command line, as a shell reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="output">The folder of its files.</param>
    public static string Write(RunRequest request, string output)
    {
        ArgumentNullException.ThrowIfNull(request);
        var text = new StringBuilder("mlrecurrent ").Append(request.Scenario.Name);
        Add("--dataset", request.Dataset);
        foreach (var option in request.Scenario.Options)
            if (request.Values.TryGetValue(option.Name, out var value)) Add(option.Name, value);
        Add("--validation-dataset", request.ValidationDataset);
        Add("--test-dataset", request.TestDataset);
        if (request.TestDataset is null) Add("--test-fraction", Say(request.TestFraction));
        if (request.ValidationDataset is null) Add("--validation-fraction", Say(request.ValidationFraction));
        if (request.IgnoredColumns.Count > 0) Add("--ignore-cols", string.Join(',', request.IgnoredColumns));
        Add("--has-header", Say(request.Table.HasHeader));
        Add("--separator", request.Table.Separator is '\t' ? "tab" : request.Table.Separator?.ToString());
        Add("--decimal-marker", request.Table.DecimalMarker?.ToString());
        Add("--day-first", Say(request.DayFirst));
        Add("--train-time", request.TrainTime is { } time ? Say(time.TotalSeconds) : null);
        Add("--max-trials", request.MaximumNumberOfTrials?.ToString(CultureInfo.InvariantCulture));
        Add("--seed", request.Seed.ToString(CultureInfo.InvariantCulture));
        if (request.Project is not ProjectKind.Console) Add("--project", request.Project is ProjectKind.WebApi ? "web-api" : "none");
        Add("--name", request.Name);
        Add("--output", output);
        return text.ToString();

        void Add(string option, string? value)
        {
            if (value is not null) text.Append(' ').Append(option).Append(' ').Append(Quote(value));
        }
    }

    private static string? Say(bool? value) => value is { } known ? known ? "true" : "false" : null;

    private static string Say(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string value) => value.Length > 0 && value.All(static one => char.IsLetterOrDigit(one) || "_-./,:".Contains(one)) ? value
        : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
