using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Compares two graphs of objects by all their fields, private ones too; numbers by their bits.</summary>
internal static class SameObjects
{
    public static void Assert(object? expected, object? actual, string path)
    {
        VisualStudio.TestTools.UnitTesting.Assert.AreEqual(expected?.GetType(), actual?.GetType(), path);
        switch (expected)
        {
            case null or Type or MemberInfo or Lazy<object>:
                break;
            // Of one run alone.
            case TrainingLogger or CancellationToken:
                break;
            case double number:
                VisualStudio.TestTools.UnitTesting.Assert.AreEqual(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits((double)actual!),
                    path);
                break;
            case float number:
                VisualStudio.TestTools.UnitTesting.Assert.AreEqual(BitConverter.SingleToInt32Bits(number), BitConverter.SingleToInt32Bits((float)actual!),
                    path);
                break;
            case string or IFormattable or bool or char:
                VisualStudio.TestTools.UnitTesting.Assert.AreEqual(expected, actual, path);
                break;
            case Delegate made:
                VisualStudio.TestTools.UnitTesting.Assert.AreEqual(made.Method, ((Delegate)actual!).Method, path);
                Assert(made.Target, ((Delegate)actual).Target, path + ".Target");
                break;
            case IDictionary entries:
                Items(entries.Keys.Cast<object>().Order(), ((IDictionary)actual!).Keys.Cast<object>().Order(), path);
                foreach (var key in entries.Keys) Assert(entries[key], ((IDictionary)actual)[key], $"{path}[{key}]");
                break;
            case IEnumerable items:
                Items(items, (IEnumerable)actual!, path);
                break;
            default:
                Fields(expected, actual!, path);
                break;
        }
    }

    private static void Items(IEnumerable expected, IEnumerable actual, string path)
    {
        object?[] first = [.. expected.Cast<object?>()], second = [.. actual.Cast<object?>()];
        VisualStudio.TestTools.UnitTesting.Assert.HasCount(first.Length, second, path);
        for (var i = 0; i < first.Length; i++) Assert(first[i], second[i], $"{path}[{i}]");
    }

    private static void Fields(object expected, object actual, string path)
    {
        for (var type = expected.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                if (!field.FieldType.IsAssignableTo(typeof(IProgress<TrainingProgress>)))
                    Assert(field.GetValue(expected), field.GetValue(actual), $"{path}.{field.Name}");
    }
}
