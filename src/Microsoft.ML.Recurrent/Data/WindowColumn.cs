using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>A column of window data: a vector of steps, or a static value of the row.</summary>
/// <param name="Input">Its name, role, numbers per step, and values if it is a category.</param>
/// <param name="Window">Number of its steps in the window; 0 for none.</param>
/// <param name="Future">Number of its steps after the window; 0 for none.</param>
internal sealed record WindowColumn(SeriesInput Input, int Window, int Future)
{
    public string Name => Input.Name;

    /// <summary>Total number of steps; 0 for a scalar column.</summary>
    public int Steps => Window + Future;

    /// <summary>Whether it covers the horizon only, not the window.</summary>
    public bool IsFutureOnly => Window == 0 && Future > 0;

    /// <summary>Numbers (or ids) per row.</summary>
    public int Length => Math.Max(1, Steps) * Input.Size;

    /// <summary>
    /// Finds and checks a training column. Its type determines whether it is a category and, for future covariates, whether it includes the window.
    /// </summary>
    /// <param name="schema">The schema.</param>
    /// <param name="name">The column.</param>
    /// <param name="role">Its role.</param>
    /// <param name="window">Steps per window.</param>
    /// <param name="horizon">Steps to forecast.</param>
    public static WindowColumn Resolve(DataViewSchema schema, string name, SeriesRole role, int window, int horizon)
    {
        if (role is SeriesRole.Static) return new(SeriesInput.Resolve(schema, name, role), 0, 0);
        var column = Columns.Find(schema, name, SeriesInput.Describe(role));
        var whole = role is SeriesRole.Future ? window + horizon : window;
        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector) throw Mismatch();
        var isCategory = role is not SeriesRole.Target && SeriesReader.IsPossible((DataViewType)vector.ItemType) && vector.Dimensions.Length == 1;
        if (!isCategory && (!NumberReader.IsPossible(vector.ItemType) || vector.Dimensions.Length > 2)) throw Mismatch();
        var steps = vector.Dimensions[0];
        // Columns of the horizon alone are separate from the windows: a category would have to be in both.
        if (steps != whole && (role is not SeriesRole.Future || isCategory || steps != horizon)) throw Mismatch();
        var input = isCategory
            ? new SeriesInput(name, role, 1, new() { IsCategory = true })
            : new(name, role, vector.Dimensions.Length == 2 ? vector.Dimensions[1] : 1);
        return new(input, steps == whole ? window : 0, steps - (steps == whole ? window : 0));

        ArgumentOutOfRangeException Mismatch() =>
            ColumnErrors.Mismatch(SeriesInput.Describe(role), name, Expected(role, window, horizon), column.Type.ToString()!,
            column.Type is VectorDataViewType one ? role is SeriesRole.Target && !NumberReader.IsPossible(one.ItemType)
                ? ColumnErrors.NumberRemedy(one.ItemType is KeyDataViewType, one.ItemType.RawType, name)
                : null : "mlContext.Data.CreateWindows builds windows of rows.");
    }

    /// <summary>Checks a column of a schema shape.</summary>
    public static void Check(SchemaShape schema, string name, SeriesRole role, int window, int horizon)
    {
        if (role is SeriesRole.Static)
        {
            SeriesInput.Check(schema, name, role);
            return;
        }
        var column = Columns.Find(schema, name, SeriesInput.Describe(role));
        var isNumber = !column.IsKey && NumberReader.IsPossible(column.ItemType);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar
            || !isNumber && (role is SeriesRole.Target || !SeriesReader.IsPossible(column.ItemType.RawType)))
            throw ColumnErrors.Mismatch(SeriesInput.Describe(role), name, Expected(role, window, horizon), ColumnErrors.Describe(column));
    }

    /// <summary>Checks that a schema has the column as in training (variable vectors are checked row by row), and returns it.</summary>
    public DataViewSchema.Column Find(DataViewSchema schema)
    {
        if (Steps == 0) return Input.Find(schema);
        var role = SeriesInput.Describe(Input.Role);
        var column = Columns.Find(schema, Name, role);
        var vector = column.Type as VectorDataViewType;
        if (Input.Categories is { } categories)
        {
            if (vector is null || !SeriesReader.IsPossible((DataViewType)vector.ItemType)
                || categories.Names.Count > 0 && categories.AreNumbers == vector.ItemType is TextDataViewType || vector.IsKnownSize && vector.Size != Steps)
                throw ColumnErrors.Mismatch(role, Name, $"Vector<{(categories.AreNumbers ? "key, integer or Boolean" : "Text")}, {Steps}>, as in training",
                    column.Type.ToString()!);
            return column;
        }
        var isThere = vector is not null && NumberReader.IsPossible(vector.ItemType)
            && (!vector.IsKnownSize || vector.Size == Steps * Input.Size) && (vector.Dimensions.Length == 2 ? vector.Dimensions[1] : 1) == Input.Size;
        return isThere ? column : throw ColumnErrors.Mismatch(role, Name,
            $"Vector<Single, {Steps}{(Input.Size == 1 ? "" : $", {Input.Size}")}>, as in training", column.Type.ToString()!);
    }

    private static string Expected(SeriesRole role, int window, int horizon) => role switch
    {
        SeriesRole.Target => $"Vector<Single, {window}> or Vector<Single, {window}, k> (the option Input.WindowSize)",
        SeriesRole.Past =>
            $"Vector<Single, {window}>, Vector<Single, {window}, k> or {window} texts, keys, integers or Booleans (the option Input.WindowSize)",
        _ => $"Vector<Single, {window + horizon}>, Vector<Single, {window + horizon}, k> or {window + horizon} texts, keys, integers or Booleans (the "
            + $"options Input.WindowSize and Horizon), or numbers of {horizon} steps",
    };
}
