using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>Scores a saved model in a fresh process whose code never names our types (the project SecondProcess).</summary>
internal static class SecondProcess
{
    /// <summary>The values of the columns, one after the other, one row a line; lines of rows without a value are left out.</summary>
    public static string[] Run(MLContext context, ITransformer model, IDataView data, IEnumerable<string> columns,
        Action<IDictionary<string, string?>>? environment = null)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-");
        try
        {
            string modelFile = Path.Combine(folder.FullName, "model.zip"), dataFile = Path.Combine(folder.FullName, "data.idv");
            context.Model.Save(model, data.Schema, modelFile);
            using (var stream = File.Create(dataFile)) context.Data.SaveAsBinary(data, stream);
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in new[] { "exec", Program(), modelFile, dataFile }.Concat(columns)) start.ArgumentList.Add(argument);
            environment?.Invoke(start.Environment);
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, error.Result + output);
            return output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
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
