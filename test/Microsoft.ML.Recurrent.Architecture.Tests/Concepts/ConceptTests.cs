using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Concepts;

/// <summary>A likelihood, a cell and a task each stand in one place, and are asked there instead of being told apart everywhere.</summary>
[TestClass]
public sealed class ConceptTests
{
    [TestMethod]
    public void Likelihoods_are_told_apart_in_their_own_folder() => Check(
        "places outside Likelihoods/ that choose by a likelihood", ConceptSites.Choices(Concept.Likelihood), Limits.LikelihoodChoices, 5, "likelihoods.txt");

    [TestMethod]
    public void Cells_are_named_in_their_own_files() =>
        Check("places outside the cells' own files that name a cell's kind", ConceptSites.Names(Concept.Cell), Limits.CellNames, 15, "cells.txt");

    [TestMethod]
    public void No_switch_on_a_cell_takes_a_new_one_in_silence() =>
        Check("switches on a cell's kind with an arm for any other", ConceptSites.OpenSwitches(Concept.Cell), Limits.OpenCellSwitches, 0, "cell-switches.txt");

    [TestMethod]
    public void Tasks_are_told_apart_in_few_places() =>
        Check("places that choose by the task", ConceptSites.Choices(Concept.Task), Limits.TaskChoices, null, "tasks.txt");

    private static void Check(string what, ConceptSite[] sites, int limit, int? target, string report)
    {
        var files = sites.GroupBy(site => site.Place[..site.Place.LastIndexOf(':')]).ToArray();
        Ratchet.Check(what, sites.Length, limit, target, report,
        [
            $"In {files.Length} files:", .. files.OrderByDescending(file => file.Count()).Select(file => $"  {file.Count()} {file.Key}"), "",
            .. sites.Select(site => $"{site.Place}: {site.Text}"),
        ]);
    }
}
