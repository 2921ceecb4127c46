using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Tests.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Contract;

/// <summary>What every trainer's model promises: odd rows, files that another process scores, and graphs that answer alike.</summary>
[TestClass]
public sealed class ScoringContractTests
{
    public static IEnumerable<object[]> Contracts => TrainerContracts.All.Select(contract => new object[] { contract.Name });

    public static IEnumerable<object[]> OfVaryingLength =>
        TrainerContracts.All.Where(contract => contract.VariesInLength).Select(contract => new object[] { contract.Name });

    public static IEnumerable<object[]> Cells =>
        from contract in TrainerContracts.All from cell in Enum.GetValues<RecurrentCell>() select new object[] { contract.Name, cell };

    public static IEnumerable<object[]> CellsOfGraphs =>
        from contract in TrainerContracts.All
        where !contract.IsSearched
        from cell in Enum.GetValues<RecurrentCell>()
        select new object[] { contract.Name, cell };

    private readonly MLContext _context = new(1);

    private static TrainerContract Find(string name) => TrainerContracts.All.Single(contract => contract.Name == name);

    private RecurrentTransformer Fit(TrainerContract contract, RecurrentCell cell = RecurrentCell.Lstm) =>
        contract.Fit(_context, cell, ContractRow.View(ContractRow.Draw(40, 2)));

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void A_value_that_is_missing_obeys_the_rule_of_the_trainer(string name, RecurrentCell cell)
    {
        var contract = Find(name);
        var rows = ContractRow.Draw(40, 2);
        using var transformer = Fit(contract, cell);
        var before = Answers.Read(transformer, ContractRow.View(rows));
        (rows[7].Fixed[2], rows[7].Numbers[0], rows[7].Words[0]) = (float.NaN, float.NaN, "unseen");
        if (contract.IsSeries) rows[7].Number = float.NaN;
        var after = Answers.Read(transformer, ContractRow.View(rows));
        var touched = contract.IsSeries ? ContractRow.Steps : 1;
        foreach (var (column, answers) in after)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (i < 7 || i >= 7 + touched) Answers.AssertEqual([before[column][i]], [answers[i]], $"{column} of row {i}");
                else if (contract.NaN is NaNRule.UnknownToken) Assert.IsTrue(answers[i].All(float.IsFinite), $"{column} of row {i}");
                else Assert.IsTrue(answers[i].All(value => float.IsNaN(value) || value == 0 && column == "PredictedLabel"), $"{column} of row {i}");
            }
        }
        var data = ContractRow.View(rows);
        if (contract.NaN is NaNRule.Refused)
        {
            var error = Assert.Throws<ArgumentException>(() => contract.Fit(_context, cell, data));
            foreach (var part in new[] { "Row 7", $"'{contract.Sequences[^1]}'", "NaN" }) StringAssert.Contains(error.Message, part);
            return;
        }
        using var learned = contract.Fit(_context, cell, data);
        Assert.IsTrue(Answers.Read(learned, data).Values.All(answers => answers[7].All(float.IsFinite)));
    }

    [TestMethod]
    [DynamicData(nameof(OfVaryingLength))]
    public void A_row_without_steps_has_no_answer_and_its_neighbours_have_theirs(string name)
    {
        var contract = Find(name);
        using var transformer = Fit(contract);
        var rows = ContractRow.Draw(9, 3);
        var expected = Answers.Read(transformer, ContractRow.View([.. rows.Where((_, i) => i != 4)]));
        (rows[4].Words, rows[4].Numbers, rows[4].Tags) = ([], [], []);
        foreach (var (column, answers) in Answers.Read(transformer, ContractRow.View(rows)))
        {
            Answers.AssertEqual(expected[column], [.. answers.Where((_, i) => i != 4)], column, 1e-6f);
            Assert.IsTrue(answers[4].All(value => float.IsNaN(value) || value == 0 && column == "PredictedLabel"), column);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void No_rows_are_scored_as_none(string name)
    {
        using var transformer = Fit(Find(name));
        foreach (var (column, answers) in Answers.Read(transformer, ContractRow.View())) Assert.IsEmpty(answers, column);
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void A_second_process_scores_the_same(string name)
    {
        var contract = Find(name);
        using var transformer = Fit(contract);
        // ML.NET's binary files hold no row whose vector is empty.
        var data = ContractRow.View(ContractRow.Draw(30, 3));
        var expected = Answers.Read(transformer, data);
        string[] columns = [.. transformer.Model.Manifest.AddedColumns.Select(output => output.Name)];
        var lines = SecondProcess.Run(_context, transformer, data, columns);
        Assert.HasCount(30 * columns.Length, lines);
        for (var i = 0; i < columns.Length; i++)
        {
            var isText = transformer.Model.Manifest.AddedColumns[i].Kind is OutputKind.Text;
            Answers.AssertEqual(expected[columns[i]], [.. lines.Skip(30 * i).Take(30).Select(line =>
                isText ? Answers.Letters(line) : [.. line.Split(' ').Select(Number)])], columns[i]);
        }

        static float Number(string text) => bool.TryParse(text, out var flag) ? flag ? 1 : 0 : float.Parse(text, CultureInfo.InvariantCulture);
    }

    [TestMethod]
    [DynamicData(nameof(CellsOfGraphs))]
    public void The_exported_graph_answers_as_Transform_does(string name, RecurrentCell cell)
    {
        var contract = Find(name);
        using var transformer = Fit(contract, cell);
        var data = ContractRow.View(ContractRow.Draw(20, 3));
        using var file = new MemoryStream();
        transformer.Model.ExportToOnnx(file);
        AssertAlike(contract, transformer, data, file.ToArray(), output => output);
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void A_pipeline_as_a_graph_answers_as_Transform_does_or_is_refused_by_name(string name)
    {
        var contract = Find(name);
        using var transformer = Fit(contract);
        var data = ContractRow.Select(ContractRow.View(ContractRow.Draw(20, 3)), contract.Sequences);
        using var file = new MemoryStream();
        // Numbers of varying count cannot be told from their padding, and rows of a series look back.
        if (contract.IsSeries || contract.IsSearched || contract.Sequences.Contains("Numbers"))
        {
            var error = Assert.Throws<NotSupportedException>(() => _context.Model.ConvertToOnnx(transformer, data, file));
            StringAssert.Contains(error.Message, contract.IsSeries ? "'Forecast'" : contract.IsSearched ? "'Translation'" : "'Numbers'");
            StringAssert.Contains(error.Message, "ExportToOnnx");
            return;
        }
        _context.Model.ConvertToOnnx(transformer, data, file);
        AssertAlike(contract, transformer, data, file.ToArray(), output => output + ".output");
    }

    // Rows one by one, so that none needs padding.
    private static void AssertAlike(TrainerContract contract, RecurrentTransformer transformer, IDataView data, byte[] graph, Func<string, string> nameOf)
    {
        using var session = new InferenceSession(graph);
        using var options = new RunOptions();
        var expected = Answers.Read(transformer, data);
        string[] columns = [.. expected.Keys];
        var values = contract.Sequences.ToDictionary(name => name, name => Answers.Read(data, name));
        for (var row = contract.IsSeries ? ContractRow.Steps - 1 : 0; row < values[contract.Features].Length; row++)
        {
            Dictionary<string, OrtValue> inputs = [];
            foreach (var (input, metadata) in session.InputMetadata)
            {
                var of = values[contract.Sequences.Contains(input) ? input : contract.Features];
                var numbers = contract.IsSeries ? [.. of[(row - ContractRow.Steps + 1)..(row + 1)].SelectMany(step => step)] : of[row];
                long[] shape = [1, numbers.Length, 1];
                inputs.Add(input, input == ModelManifest.LengthInput ? OrtValue.CreateTensorValueFromMemory(new long[] { numbers.Length }, [1])
                    : metadata.ElementDataType switch
                    {
                        TensorElementType.Int64 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(numbers, value => (long)value), shape[..2]),
                        TensorElementType.UInt32 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(numbers, value => (uint)value), shape[..2]),
                        _ => OrtValue.CreateTensorValueFromMemory(numbers, shape[..metadata.Dimensions.Length]),
                    });
            }
            using var results = session.Run(options, inputs, [.. columns.Select(nameOf)]);
            foreach (var input in inputs.Values) input.Dispose();
            for (var i = 0; i < columns.Length; i++)
                Answers.AssertEqual([expected[columns[i]][row]], [Numbers(results[i])], $"{columns[i]} of row {row}", 1e-5f);
        }
    }

    private static float[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Bool => Array.ConvertAll(value.GetTensorDataAsSpan<bool>().ToArray(), flag => flag ? 1f : 0f),
        TensorElementType.Int64 => Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), number => (float)number),
        TensorElementType.UInt32 => Array.ConvertAll(value.GetTensorDataAsSpan<uint>().ToArray(), number => (float)number),
        _ => value.GetTensorDataAsSpan<float>().ToArray(),
    };
}
