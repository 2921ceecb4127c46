namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>The rows that the models of the fixtures are trained on, drawn by seeds.</summary>
internal static class FixtureData
{
    private static readonly DateTime s_start = new(2026, 3, 2);

    /// <summary>Three shops over so many hours, some numbers missing.</summary>
    public static HourRow[] Hours(int count, int seed)
    {
        var random = new Random(seed);
        return [.. from hour in Enumerable.Range(0, count)
                   from shop in (string[])["north", "south", "west"]
                   let time = s_start.AddHours(hour)
                   let price = 2 + random.Next(3) * 0.5f
                   let size = shop == "north" ? 40f : shop == "south" ? 4f : 1f
                   let sold = size * ((time.Hour is >= 9 and < 17 ? 3 : 1) - 0.2f * price + 0.3f * random.NextSingle())
                   let visits = 10 * sold + random.Next(5)
                   let missing = random.Next(25) == 0
                   select new HourRow
                   {
                       Time = time, Shop = shop, Region = shop == "west" ? "coast" : "inland", Event = time.Day % 5 == 0 ? "fair" : "none", Price = price,
                       Visits = visits, Sold = missing ? float.NaN : sold,
                   }];
    }

    /// <summary>Two shops over so many days with a week's course: whole numbers, or any.</summary>
    public static DayRow[] Days(int count, int seed, bool counts)
    {
        var random = new Random(seed);
        return [.. from shop in (string[])["small", "great"]
                   from day in Enumerable.Range(0, count)
                   let mean = (shop == "small" ? 2 : 30) * (day % 7 == 6 ? 3 : 1)
                   let sold = mean * (0.5f + random.NextSingle())
                   select new DayRow { Time = s_start.AddDays(day), Shop = shop, Sold = counts ? MathF.Round(sold) : sold }];
    }

    /// <summary>Two plants whose two levels wander.</summary>
    public static PairRow[] Pairs(int count, int seed)
    {
        var random = new Random(seed);
        float[] levels = [10, 20, 30, 40];
        return [.. from time in Enumerable.Range(0, count)
                   from plant in (int[])[1, 2]
                   select new PairRow { Plant = plant, Time = time, Levels = [Step(2 * plant - 2), Step(2 * plant - 1)] }];

        float Step(int at) => levels[at] += random.NextSingle() - 0.45f;
    }

    /// <summary>Windows of positive numbers on levels of their own.</summary>
    public static WindowRow[] Windows(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var size = 1 + random.Next(9);
            var values = Enumerable.Range(0, 18).Select(step => size * (1 + 0.5f * (step % 4) + 0.2f * random.NextSingle())).ToArray();
            return new WindowRow { Past = values[..14], Next = values[14..], Size = size };
        })];
    }

    /// <summary>Sequences whose label is ten times their sum.</summary>
    public static SequenceRow[] Sequences(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var values = Enumerable.Range(0, random.Next(3, 9)).Select(_ => random.NextSingle() * 4 - 1).ToArray();
            return new SequenceRow { Features = values, Label = 10 * values.Sum(), Weight = 1 + random.Next(2) };
        })];
    }

    /// <summary>Sequences whose labels follow from the first number.</summary>
    public static TableRow[] Tables(int count, int seed)
    {
        string[] classes = ["red", "green", "blue"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var values = Enumerable.Range(0, 20).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            float[] statics = [random.Next(3), random.NextSingle()];
            return new TableRow
            {
                Features = values, Statics = statics, Number = 3 * values[0] + statics[1], Flag = values[0] > 0, Class = classes[(int)statics[0]],
            };
        })];
    }

    /// <summary>Words of which the first tells the class.</summary>
    public static TextRow[] Words(int count, int seed)
    {
        string[] heads = ["red", "green", "blue"], tails = ["a", "b", "c", "d", "e"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var head = heads[random.Next(3)];
            string[] words = [head, .. Enumerable.Range(0, random.Next(1, 6)).Select(_ => tails[random.Next(5)])];
            return new TextRow { Class = head.ToUpperInvariant(), Words = words };
        })];
    }

    /// <summary>Such words, of which a and b are tagged as of one kind, and c and d as of another.</summary>
    public static TaggedTextRow[] TaggedWords(int count, int seed) => [.. Words(count, seed).Select(row => new TaggedTextRow
    {
        Words = row.Words,
        Class = row.Class,
        Tags = [.. row.Words.Select((word, i) => Kind(word) is not { } kind ? "O" : (i > 0 && Kind(row.Words[i - 1]) == kind ? "I-" : "B-") + kind)],
    })];

    private static string? Kind(string word) => word switch { "a" or "b" => "early", "c" or "d" => "late", _ => null };
}
