using System.Collections.Immutable;
using System.Xml.Linq;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>Writes projects that use a trained model: its class in three files, the model itself, and a program.</summary>
public static class ProjectWriter
{
    private const string ThisPackage = "Microsoft.ML.Recurrent", MLPackage = "Microsoft.ML", RuntimePackage = "Microsoft.ML.OnnxRuntime",
        OpenApiPackage = "Microsoft.AspNetCore.OpenApi";

    /// <summary>Saves a model with what it needs to predict at once: a forecaster with the last rows of each series.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The fitted pipeline.</param>
    /// <param name="rows">The rows that it reads: all that are known.</param>
    /// <param name="path">The file.</param>
    public static void SaveModel(MLContext mlContext, ITransformer model, IDataView rows, string path)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        if (model.Steps().LastOrDefault() is not RecurrentForecastingTransformer)
        {
            mlContext.Model.SaveAtomically(model, rows.Schema, path);
            return;
        }
        using var engine = model.CreateForecastEngine(mlContext);
        engine.Observe(rows);
        engine.CheckPoint(mlContext, path);
    }

    /// <summary>
    /// Writes a console program. It predicts an example; with the argument <c>train</c> it trains the model again, with <c>evaluate</c> it prints metrics.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="modelPath">The file of the model, which is copied.</param>
    /// <param name="folder">The folder of the project; made if need be.</param>
    /// <returns>The files, in the order in which they were written.</returns>
    public static ImmutableArray<string> WriteConsole(MLContext mlContext, GeneratedModel model, string modelPath, string folder) =>
        Write(mlContext, model, modelPath, folder, new ConsoleProgram());

    /// <summary>Writes a web program: predictions by HTTP, OpenAPI at <c>/openapi/v1.json</c>, its health at <c>/health</c>, and a Dockerfile.</summary>
    /// <inheritdoc cref="WriteConsole"/>
    public static ImmutableArray<string> WriteWebApi(MLContext mlContext, GeneratedModel model, string modelPath, string folder) =>
        Write(mlContext, model, modelPath, folder, new WebProgram());

    private static ImmutableArray<string> Write(MLContext mlContext, GeneratedModel model, string modelPath, string folder, ProgramCode program)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var @namespace = $"{Identifiers.Class(model.Name)}_{program.Suffix}";
        var code = new ModelCode(mlContext, model, @namespace);
        Directory.CreateDirectory(folder);
        var files = ImmutableArray.CreateBuilder<string>();
        Add($"{model.Name}.consumption.cs", code.Consumption());
        Add($"{model.Name}.training.cs", code.Training());
        Add($"{model.Name}.evaluate.cs", code.Evaluation());
        foreach (var (name, text) in program.Files(model, code, @namespace)) Add(name, text);
        Add($"{model.Name}.csproj", Project(model, code, program, @namespace));
        if (model.Config is { } config)
        {
            var path = Path.Combine(folder, model.Name + TrainingConfig.FileExtension);
            if (config.Data is { } data) data.Path = Path.GetRelativePath(folder, model.DataPath);
            config.Write(path);
            files.Add(path);
        }
        var copy = Path.Combine(folder, model.Name + ".mlnet");
        if (Path.GetFullPath(modelPath) != Path.GetFullPath(copy)) File.Copy(modelPath, copy, overwrite: true);
        files.Add(copy);
        return files.ToImmutable();

        void Add(string name, string text)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, text);
            files.Add(path);
        }
    }

    private static string Project(GeneratedModel model, ModelCode code, ProgramCode program, string @namespace) =>
        new XElement("Project", new XAttribute("Sdk", program.Sdk),
            new XElement("PropertyGroup",
                program.OutputType is { } type ? new XElement("OutputType", type) : null,
                new XElement("TargetFramework", "net10.0"), new XElement("Nullable", "enable"), new XElement("ImplicitUsings", "enable"),
                new XElement("RootNamespace", @namespace), new XElement("AssemblyName", @namespace)),
            new XElement("ItemGroup", Packages(code, program).Select(static package =>
                new XElement("PackageReference", new XAttribute("Include", package.Key), new XAttribute("Version", package.Value)))),
            new XElement("ItemGroup", new XAttribute("Label", model.Name),
                new XElement("None", new XAttribute("Update", Escape(model.Name + ".mlnet")), new XElement("CopyToOutputDirectory", "PreserveNewest")))) + "\n";

    private static IEnumerable<KeyValuePair<string, string>> Packages(ModelCode code, ProgramCode program) =>
        new[] { MLPackage, ThisPackage, RuntimePackage }.Concat(code.Packages).Concat(program.Packages)
            .Select(static name => KeyValuePair.Create(name, PackageVersions.Find(name)));

    // What MSBuild reads as a list, a property or a pattern.
    private static string Escape(string item) => string.Concat(item.Select(static c => "%*?@$();'".Contains(c) ? $"%{(int)c:X2}" : c.ToString()));
}
