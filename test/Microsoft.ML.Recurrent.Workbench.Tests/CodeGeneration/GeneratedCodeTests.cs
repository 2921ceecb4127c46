using System.Reflection;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>The class of a model, compiled: it trains the same weights again, and predicts what the model predicts.</summary>
[TestClass]
public sealed class GeneratedCodeTests
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("recurrent-code-").FullName;
    private static readonly SmallModels s_models = new(s_folder);

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    public void A_forecaster_is_trained_again_to_the_same_bits() => Check(s_models.Forecast(), "Sales_2024_East");

    [TestMethod]
    public void A_classifier_is_trained_again_to_the_same_bits() => Check(s_models.Texts(), "Moods");

    [TestMethod]
    public void A_regression_is_trained_again_to_the_same_bits() => Check(s_models.Numbers(), "Walks");

    [TestMethod]
    public void A_tagger_is_trained_again_to_the_same_bits() => Check(s_models.Tags(), "Cities");

    [TestMethod]
    public void A_language_model_is_trained_again_to_the_same_bits() => Check(s_models.Language(), "Sentences");

    [TestMethod]
    [DataRow("Model", "ModelModel")]
    [DataRow("class", "Class")]
    [DataRow("Path", "PathModel")]
    [DataRow("2nd \"try\"", "_2nd__try_")]
    [DataRow("日本", "日本")]
    public void A_class_has_a_name_that_C_sharp_allows(string name, string expected)
    {
        var code = new ModelCode(new MLContext(), s_models.Numbers() with { Name = name }, "Generated");
        Assert.AreEqual(expected, code.ClassName);
        CompiledCode.Compile(code.Consumption(), code.Training(), code.Evaluation());
    }

    private static void Check(GeneratedModel model, string className)
    {
        var mlContext = new MLContext();
        var code = new ModelCode(mlContext, model, "Generated");
        var generated = CompiledCode.Compile(code.Consumption(), code.Training(), code.Evaluation()).GetType($"Generated.{className}")!;
        var path = Path.Combine(s_folder, className + ".mlnet");
        var trained = (ITransformer)Call("Train", [path, .. Defaults("Train", 1)])!;
        var expected = model.Model.Steps().OfType<RecurrentTransformer>().Single().Model.WeightsSha256;
        Assert.AreEqual(expected, Call("WeightsSha256", trained));
        Assert.AreEqual(expected, Call("WeightsSha256", mlContext.Model.LoadFile(path, out _)), "the saved model");
        Assert.IsNotNull(Call("Evaluate", [mlContext, trained, Call("LoadIDataViewFromFile", mlContext, model.DataPath), .. Defaults("Evaluate", 3)]));

        object? Call(string name, params object?[] arguments) => Method(name).Invoke(null, arguments);
        MethodInfo Method(string name) => generated.GetMethods(BindingFlags.Public | BindingFlags.Static).First(method => method.Name == name);
        object?[] Defaults(string name, int from) => [.. Method(name).GetParameters().Skip(from).Select(static parameter => parameter.DefaultValue)];
    }
}
