using System.Collections.Immutable;
using System.Reflection;
using Microsoft.ML.Recurrent.Experiments;
using Microsoft.ML.Recurrent.Tests.Contract;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Experiments;

/// <summary>What options declare to be varied, and how trials are drawn from it.</summary>
[TestClass]
public sealed class SearchSpaceTests
{
    [TestMethod]
    public void Each_declared_value_can_be_set_and_passes_the_checks_of_each_trainer()
    {
        var found = new HashSet<string>();
        foreach (var contract in TrainerContracts.All)
        {
            var options = contract.DefaultOptions();
            var space = SearchSpace.Create(options);
            Assert.IsNotEmpty(space.Dimensions, contract.Name);
            foreach (var dimension in space.Dimensions)
            {
                found.Add(dimension.Path);
                Assert.AreEqual(dimension.Start, OptionText.Write(Value(options, dimension.Path)), dimension.Path);
                IEnumerable<string> values = dimension.Choices.Length > 0 ? dimension.Choices : [dimension.At(0), dimension.At(0.5), dimension.At(1 - 1e-9)];
                foreach (var value in values)
                {
                    var trial = new Trial(2, 1, ImmutableSortedDictionary<string, string>.Empty.Add(dimension.Path, value));
                    var changed = space.OptionsOf(trial);
                    changed.Check();
                    Assert.AreEqual(value, OptionText.Write(Value(changed, dimension.Path)), $"{contract.Name}: {dimension.Path}");
                }
            }
        }
        var declared = typeof(RecurrentTrainerOptions).Assembly.GetTypes().SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance
            | BindingFlags.DeclaredOnly)).Where(property => property.GetCustomAttribute<SearchAttribute>() is not null).Select(property => property.Name);
        CollectionAssert.AreEquivalent(declared.Distinct().ToArray(), found.Select(path => path.Split('.')[^1]).Distinct().ToArray());
    }

    [TestMethod]
    public void Trial_1_has_the_given_options_and_trial_N_is_the_same_whatever_was_asked_before()
    {
        var space = SearchSpace.Create(Options());
        Assert.IsEmpty(space.Trial(7, 1)!.Parameters);
        Trial[] inOrder = [.. Enumerable.Range(1, 30).Select(number => space.Trial(7, number)!)];
        var other = SearchSpace.Create(Options());
        Assert.AreEqual(inOrder[29], other.Trial(7, 30));
        Assert.AreEqual(inOrder[3], other.Trial(7, 4));
        Assert.AreNotEqual(inOrder[3].ToString(), other.Trial(8, 4)!.ToString());
        Assert.AreEqual(inOrder[3], other.Trial(7, 4));
        Assert.HasCount(30, inOrder.Select(trial => string.Join(",", trial.Parameters)).Distinct());
        foreach (var trial in inOrder) space.OptionsOf(trial).Check();
    }

    [TestMethod]
    public void A_trial_is_repeated_from_its_printed_seed_and_options()
    {
        var space = SearchSpace.Create(Options());
        for (var number = 1; number <= 20; number++)
        {
            var trial = space.Trial(3, number)!;
            var printed = trial.ToString();
            var parts = printed[(printed.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(", ").Where(part => part.Contains(" = "));
            var options = Options();
            foreach (var part in parts.Select(part => part.Split(" = "))) OptionPaths.Set(options, part[0], part[1]);
            var expected = space.OptionsOf(trial);
            foreach (var dimension in space.Dimensions)
                Assert.AreEqual(OptionText.Write(Value(expected, dimension.Path)), OptionText.Write(Value(options, dimension.Path)), printed);
            Assert.AreEqual(3, expected.Seed);
        }
    }

    [TestMethod]
    public void Combinations_that_options_refuse_are_drawn_again()
    {
        // An attention needs the strategy EncoderDecoder.
        var space = SearchSpace.Create(Options()).WithChoices("Decoding.Attention", null, AttentionForm.General).Without("Normalization.Window");
        Trial[] trials = [.. Enumerable.Range(1, 60).Select(number => space.Trial(1, number)!)];
        Assert.IsTrue(trials.Any(trial => trial.Parameters.ContainsKey("Decoding.Attention")));
        foreach (var trial in trials.Where(trial => trial.Parameters.ContainsKey("Decoding.Attention")))
            Assert.AreEqual("EncoderDecoder", trial.Parameters["Decoding.Strategy"]);
        Assert.IsFalse(trials.Any(trial => trial.Parameters.ContainsKey("Normalization.Window")));
    }

    [TestMethod]
    public void A_space_that_has_no_further_configuration_ends()
    {
        var space = SearchSpace.Create(Options());
        space = space.Without([.. space.Dimensions.Select(dimension => dimension.Path)]).WithChoices("Network.Cell", RecurrentCell.Gru,
            RecurrentCell.SimpleRnn);
        string?[] found = [.. Enumerable.Range(1, 4).Select(number => space.Trial(1, number)?.Parameters.GetValueOrDefault("Network.Cell"))];
        Assert.IsNotNull(space.Trial(1, 3));
        Assert.IsNull(space.Trial(1, 4));
        CollectionAssert.AreEquivalent(new[] { null, "Gru", "SimpleRnn", null }, found);
    }

    [TestMethod]
    public void Options_without_effect_are_left_out()
    {
        var custom = Options();
        custom.Network.Custom = SequenceNetwork.Create().Lstm(8);
        Assert.IsFalse(SearchSpace.Create(custom).Dimensions.Any(dimension => dimension.Path.StartsWith("Network.", StringComparison.Ordinal)));
        var counts = Options();
        counts.Likelihood = ForecastLikelihood.NegativeBinomial;
        Assert.IsFalse(SearchSpace.Create(counts).Dimensions.Any(dimension => dimension.Path == "Likelihood"));
        var windows = Options();
        windows.Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Next", WindowSize = 12 };
        Assert.IsFalse(SearchSpace.Create(windows).Dimensions.Any(dimension => dimension.Path == "Input.WindowSize"));
        Assert.IsTrue(SearchSpace.Create(Options()).Dimensions.Any(dimension => dimension.Path == "Input.WindowSize"));
    }

    [TestMethod]
    public void Errors_name_the_option()
    {
        var space = SearchSpace.Create(Options());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => space.Without("Network.Size")).Message, "'Network.Size'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => space.WithRange("Network.Size", 1, 2)).Message, "'Network.Size'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => space.WithRange("Network.Cell", 1, 2)).Message, "Network.Cell is no number");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => space.WithRange("Network.HiddenSize", 0, 2, true)).Message, "above 0");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => space.WithChoices("Network.Cell", "Big")).Message, "'Big' is no value");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => space.WithChoices("Network.Cell", RecurrentCell.Lstm)).Message, "start, Lstm");
        Assert.AreEqual("Input.WindowSize",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SearchSpace.Create(new RecurrentForecastingEstimator.Options
            {
                Input = new SeriesInputOptions { InputColumnName = "Value" },
            })).ParamName);
    }

    private static object? Value(object options, string path) => OptionPaths.Find(options, path) is var (owner, property) ? property.GetValue(owner) : null;

    private static RecurrentForecastingEstimator.Options Options() => new()
    {
        Input = new SeriesInputOptions { InputColumnName = "Value", WindowSize = 24 },
        Horizon = 6,
    };
}
