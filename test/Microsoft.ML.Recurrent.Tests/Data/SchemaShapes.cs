using System.Reflection;

namespace Microsoft.ML.Recurrent.Tests.Data;

/// <summary>ML.NET makes schema shapes of schemas itself, by a member that is not public.</summary>
internal static class SchemaShapes
{
    public static SchemaShape Create(DataViewSchema schema) =>
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!.Invoke(null, [schema])!;
}
