using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Options;

/// <summary>Options are found by the dot: few at the top, the rest in groups of which none is long.</summary>
[TestClass]
public sealed class OptionTests
{
    private static readonly Type s_forecasting = typeof(RecurrentForecastingEstimator.Options);

    private static readonly Type[] s_all =
        [.. s_forecasting.Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(RecurrentTrainerOptions)) && !type.IsAbstract)];

    [TestMethod]
    public void Forecasting_has_few_options_at_the_top_level()
    {
        var options = OptionGroups.Of(s_forecasting);
        Ratchet.Check("options at the top level of the forecasting options", options.Length, Limits.ForecastingOptions, 15, "options-forecasting.txt",
            options.GroupBy(property => property.DeclaringType!)
                .Select(type => $"{type.Count()} of {Name(type.Key)}: {string.Join(", ", type.Select(property => property.Name))}"));
    }

    [TestMethod]
    public void No_other_trainer_has_many_options_at_the_top_level()
    {
        NumberAssert.IsGreaterThan(3, s_all.Length);
        var most = s_all.Where(type => type != s_forecasting).Max(type => OptionGroups.Of(type).Length);
        Ratchet.Check("options at the top level of the other trainers' longest options", most, Limits.TrainerOptions, 15, "options-trainers.txt",
            s_all.Select(type => $"{OptionGroups.Of(type).Length} {Name(type)}"));
    }

    [TestMethod]
    public void No_group_of_options_is_long()
    {
        var groups = (from type in s_all
                      from @group in OptionGroups.Groups(type)
                      let count = OptionGroups.Of(@group.Type).Length
                      orderby count descending
                      select (Count: count, Path: $"{Name(type)}: {@group.Path}")).ToArray();
        Assert.IsNotEmpty(groups);
        Ratchet.Check("options in the longest group of a trainer's options", groups[0].Count, Limits.OptionsInGroup, 12, "options-groups.txt",
            groups.Select(group => $"{group.Count} {group.Path}"));
    }

    [TestMethod]
    public void The_page_of_options_is_fresh()
    {
        var page = OptionsPage.Create();
        var path = Report.Write("options.md", page.TrimEnd('\n').Split('\n'));
        var current = Path.Combine(SharedFolder.Repository, "docs", "options.md");
        Assert.AreEqual(page, File.Exists(current) ? File.ReadAllText(current).ReplaceLineEndings("\n") : "",
            $"docs/options.md is not what the API documentation says: copy {path} over it.");
    }

    private static string Name(Type type) => type.DeclaringType is { } outer ? $"{outer.Name}.{type.Name}" : type.Name;
}
