using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>The cells of a column in a part of the rows, as files of columns hold them.</summary>
internal abstract class ColumnCells
{
    public abstract bool IsMissing(int row);

    public abstract string Text(int row);

    public virtual double? Number(int row) => null;

    public virtual DateTime? Time(int row) => null;
}

/// <summary>Numbers; not a number for none.</summary>
internal sealed class NumberCells(double[] values) : ColumnCells
{
    public override bool IsMissing(int row) => double.IsNaN(values[row]);

    public override string Text(int row) => values[row].ToString(CultureInfo.InvariantCulture);

    public override double? Number(int row) => values[row];
}

/// <summary>Texts; null for none.</summary>
internal sealed class TextCells(string?[] values) : ColumnCells
{
    public override bool IsMissing(int row) => string.IsNullOrEmpty(values[row]);

    public override string Text(int row) => values[row] ?? "";
}

/// <summary>Times; null for none.</summary>
internal sealed class TimeCells(DateTime?[] values) : ColumnCells
{
    public override bool IsMissing(int row) => values[row] is null;

    public override string Text(int row) => values[row]?.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) ?? "";

    public override DateTime? Time(int row) => values[row];
}

/// <summary>True and false; null for none.</summary>
internal sealed class BooleanCells(bool?[] values) : ColumnCells
{
    public override bool IsMissing(int row) => values[row] is null;

    public override string Text(int row) => values[row] is { } value ? value ? "true" : "false" : "";
}
