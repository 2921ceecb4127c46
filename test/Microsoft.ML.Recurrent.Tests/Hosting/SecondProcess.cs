using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>Scores a saved model in a fresh process whose code never names our types (the project SecondProcess).</summary>
internal static class SecondProcess
{
    /// <summary>The values of the columns, one after the other, one row a line; lines of rows without a value are left out.</summary>
    public static string[] Run(MLContext context, ITransformer model, IDataView data, IEnumerable<string> columns,
        Action<IDictionary<string, string?>>? environment = null) =>
        Start(context, model, data.Schema, (modelFile, folder) =>
        {
            var dataFile = Path.Combine(folder, "data.idv");
            using (var stream = File.Create(dataFile)) context.Data.SaveAsBinary(data, stream);
            return [modelFile, dataFile, .. columns];
        }, environment).Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What the generator of a language model writes after a text, past the ends of sentences.</summary>
    public static string Generate(MLContext context, ITransformer model, string prompt, int seed, Action<IDictionary<string, string?>>? environment = null) =>
        JsonSerializer.Deserialize<string>(Start(context, model, null,
            (modelFile, _) => ["--generate", modelFile, prompt, seed.ToString(CultureInfo.InvariantCulture)], environment))!;

    private static string Start(MLContext context, ITransformer model, DataViewSchema? schema, Func<string, string, string[]> arguments,
        Action<IDictionary<string, string?>>? environment)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-");
        try
        {
            var modelFile = Path.Combine(folder.FullName, "model.zip");
            context.Model.Save(model, schema, modelFile);
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])["exec", Program(), .. arguments(modelFile, folder.FullName)]) start.ArgumentList.Add(argument);
            environment?.Invoke(start.Environment);
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, error.Result + output);
            return output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Built along with the tests, in the same configuration.
    private static string Program()
    {
        const string name = "Microsoft.ML.Recurrent.SecondProcess";
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(SharedFolder.Repository, "test", name, "bin", here.Parent!.Name, here.Name, name + ".dll");
    }
}
