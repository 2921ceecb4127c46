using System.Reflection;

namespace Microsoft.ML.Recurrent.Tests.Contract;

/// <summary>The table of contracts holds all trainers of the catalogs, and their short forms train as their options do.</summary>
[TestClass]
public sealed class CatalogContractTests
{
    public static IEnumerable<object[]> Methods => TrainerContract.CatalogMethods().Select(found => new object[] { found.Method });

    [TestMethod]
    public void Every_trainer_has_a_contract()
    {
        var trainers = TrainerContract.CatalogMethods().Select(found => found.Trainer).Distinct().ToArray();
        CollectionAssert.AreEquivalent(trainers, TrainerContracts.All.Select(contract => contract.TrainerType).Distinct().ToArray());
        // Regression, two classifiers, taggers, language models, translations, forecasters.
        NumberAssert.IsGreaterThanOrEqualTo(7, trainers.Length);
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void Every_method_of_the_catalogs_makes_a_trainer_that_trains(MethodInfo method)
    {
        var context = new MLContext(1);
        var contract = TrainerContracts.All.First(contract => contract.TrainerType == method.ReturnType);
        var catalog = Catalog(context, method.GetParameters()[0].ParameterType);
        object?[] arguments = [.. method.GetParameters().Select((parameter, i) => i == 0 ? catalog : Argument(parameter, contract))];
        var trainer = (IEstimator<ITransformer>)method.Invoke(null, arguments)!;
        var data = ContractRow.View(ContractRow.Draw(40, 2));
        var answers = Answers.Read((RecurrentTransformer)trainer.Fit(data), data);
        NumberAssert.IsGreaterThan(0, answers.Count);
        foreach (var (name, rows) in answers) Assert.HasCount(40, rows, name);
        Assert.IsTrue(answers.Values.All(rows => rows[^1].Length > 0 && rows[^1].All(float.IsFinite)), method.ToString());
    }

    private static object? Argument(ParameterInfo parameter, TrainerContract contract)
    {
        if (parameter.ParameterType.IsSubclassOf(typeof(RecurrentTrainerOptions)))
            return contract.DefaultOptions();
        return parameter.Name switch
        {
            "hiddenSize" => 4,
            "maximumNumberOfEpochs" => 1,
            "windowSize" => ContractRow.Steps,
            "horizon" => ContractRow.Horizon,
            "labelColumnName" => contract.Label,
            "featureColumnName" or "inputColumnName" => contract.Features,
            "outputColumnName" => "Answer",
            "sourceColumnName" => "Tokens",
            "targetColumnName" => "TagKeys",
            _ when parameter.HasDefaultValue => parameter.DefaultValue,
            _ => throw new AssertFailedException($"The parameter '{parameter.Name}' has no default and no value in the contract."),
        };
    }

    // MLContext's own property of the type, or one of a catalog's.
    private static object Catalog(MLContext context, Type type) => typeof(MLContext).GetProperties().Select(property => property.GetValue(context)!)
        .SelectMany(value => value.GetType().GetProperties().Where(property => property.PropertyType == type).Select(property => property.GetValue(value)!)
            .Prepend(value)).First(value => value.GetType() == type);
}
