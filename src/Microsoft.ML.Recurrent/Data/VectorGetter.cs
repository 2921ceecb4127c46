using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Opens vector columns of a row.</summary>
internal static class VectorGetter
{
    /// <summary>
    /// A getter that names the column where ML.NET cannot read it: it takes properties that are arrays of several dimensions into a schema, and fails in its
    /// own code when they are read.
    /// </summary>
    public static ValueGetter<VBuffer<T>> Open<T>(DataViewRow row, DataViewSchema.Column column)
    {
        const string remedy = "Where its property is an array of several dimensions, such as float[,], make it an array of one dimension, such as float[] with "
            + "[VectorType(steps, numbers)], and write the numbers step by step.";
        var getter = row.GetGetter<VBuffer<T>>(column);
        return (ref VBuffer<T> value) =>
        {
            try
            {
                getter(ref value);
            }
            catch (NullReferenceException error)
            {
                throw new ArgumentException($"ML.NET cannot read the column '{column.Name}' ({column.Type}). {remedy}", "data", error);
            }
        };
    }
}
