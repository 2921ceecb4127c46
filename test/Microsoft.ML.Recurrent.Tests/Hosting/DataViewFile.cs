using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>
/// Saves a data view by itself, as ML.NET's older tools do, and applies it to other data. ML.NET keeps the means internal, so they are reached by reflection.
/// </summary>
internal static class DataViewFile
{
    private static readonly Assembly Core = typeof(IHostEnvironment).Assembly;

    public static byte[] Save(IDataView view)
    {
        using var stream = new MemoryStream();
        var type = Find(Core, "RepositoryWriter");
        using (var writer = (IDisposable)Method(type, "CreateNew", 3).Invoke(null, [stream, null, false])!)
        {
            Method(Find(Core, "ModelSaveContext"), "SaveModel", 3).MakeGenericMethod(typeof(IDataView)).Invoke(null, [writer, view, "view"]);
            Method(type, "Commit", 0).Invoke(writer, null);
        }
        return stream.ToArray();
    }

    public static IDataView Load(MLContext context, byte[] file, IDataView source)
    {
        using var stream = new MemoryStream(file);
        using var reader = (IDisposable)Method(Find(Core, "RepositoryReader"), "Open", 3).Invoke(null, [stream, null, false])!;
        object?[] arguments = [context, null, reader, "view", new object[] { source }];
        Find(Core, "ModelLoadContext").GetMethods()
            .Single(method => method.Name == "LoadModel" && method.IsStatic && method.GetParameters() is { Length: 5 } parameters
                && parameters[2].ParameterType == reader.GetType() && parameters[3].ParameterType == typeof(string))
            .MakeGenericMethod(typeof(IDataView), Find(typeof(TransformerChain<>).Assembly, "SignatureLoadDataTransform")).Invoke(null, arguments);
        return (IDataView)arguments[1]!;
    }

    private static Type Find(Assembly assembly, string name) => assembly.GetTypes().Single(type => type.Name == name);

    private static MethodInfo Method(Type type, string name, int parameters) =>
        type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Single(method => method.Name == name && method.GetParameters().Length == parameters);
}
