using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>An hour of a shop: a series with a calendar, categories, and covariates of the past and of the future.</summary>
internal sealed class HourRow
{
    public DateTime Time { get; set; }
    public string Shop { get; set; } = "";
    public string Region { get; set; } = "";
    public string Event { get; set; } = "";
    public float Price { get; set; }
    public float Visits { get; set; }
    public float Sold { get; set; }
}

/// <summary>A day of a series of numbers or counts.</summary>
internal sealed class DayRow
{
    public DateTime Time { get; set; }
    public string Shop { get; set; } = "";
    public float Sold { get; set; }
}

/// <summary>A step of a plant that has two targets.</summary>
internal sealed class PairRow
{
    public int Plant { get; set; }
    public float Time { get; set; }
    [VectorType(2)] public float[] Levels { get; set; } = [];
}

/// <summary>A window and what follows it.</summary>
internal sealed class WindowRow
{
    [VectorType(14)] public float[] Past { get; set; } = [];
    [VectorType(4)] public float[] Next { get; set; } = [];
    public float Size { get; set; }
}

/// <summary>A sequence of varying length with a number.</summary>
internal sealed class SequenceRow
{
    public float[] Features { get; set; } = [];
    public float Label { get; set; }
    public float Weight { get; set; }
}

/// <summary>A sequence of ten steps of two numbers, with two numbers beside it, and labels of every kind.</summary>
internal sealed class TableRow
{
    [VectorType(10, 2)] public float[] Features { get; set; } = [];
    [VectorType(2)] public float[] Statics { get; set; } = [];
    public float Number { get; set; }
    public bool Flag { get; set; }
    public string Class { get; set; } = "";
}

/// <summary>Words with a tag each, and the class of the first.</summary>
internal sealed class TaggedTextRow
{
    public string[] Words { get; set; } = [];
    public string[] Tags { get; set; } = [];
    public string Class { get; set; } = "";
}

/// <summary>Words, and the class of the first.</summary>
internal sealed class TextRow
{
    public string[] Words { get; set; } = [];
    public string Class { get; set; } = "";
}
