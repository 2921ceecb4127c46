using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>A row of the scoring benchmark: sequences of 1, 2 and 3 numbers a step, numbers of the whole row, and columns that a model does not read.</summary>
internal sealed class ScoringRow
{
    public float[] Features { get; set; } = [];

    public float[] Second { get; set; } = [];

    public float[] Third { get; set; } = [];

    public float[] Statics { get; set; } = [];

    public string Name { get; set; } = "";

    public int Number { get; set; }

    public double Price { get; set; }

    /// <summary>Steps of its sequences.</summary>
    [NoColumn]
    public int Time => Features.Length;

    public static ScoringRow Random(Random random, int number, int time)
    {
        float[] Numbers(int size) => [.. Enumerable.Range(0, size).Select(_ => random.NextSingle() - 0.5f)];
        return new()
        {
            Features = Numbers(time), Second = Numbers(2 * time), Third = Numbers(3 * time), Statics = Numbers(4), Name = $"row {number}",
            Number = number, Price = number / 8.0
        };
    }

    /// <summary>Numbers of a column, a step or a row.</summary>
    public static int SizeOf(string column) => column switch
    {
        "Features" => 1,
        "Second" => 2,
        "Third" => 3,
        "Statics" => 4,
        _ =>
        throw new ArgumentOutOfRangeException(nameof(column), column, null)
    };

    public float[] Values(string column) => column switch
    {
        "Features" => Features,
        "Second" => Second,
        "Third" => Third,
        "Statics" => Statics,
        _ =>
        throw new ArgumentOutOfRangeException(nameof(column), column, null)
    };

    public static SchemaDefinition Definition(bool varying)
    {
        var definition = SchemaDefinition.Create(typeof(ScoringRow));
        foreach (var column in (string[])["Features", "Second", "Third"])
            definition[column].ColumnType = new VectorDataViewType(NumberDataViewType.Single, varying ? 0 : ScoringCase.Steps, SizeOf(column));
        definition["Statics"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, SizeOf("Statics"));
        return definition;
    }
}
