using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>What a fixture's file of answers holds.</summary>
/// <param name="Machine">The processor that computed it: <see cref="FixtureFiles.Machine"/>.</param>
/// <param name="Columns">The numbers of each column, row by row.</param>
internal sealed record FixtureAnswers(string Machine, IReadOnlyDictionary<string, float[][]> Columns);

/// <summary>The files of the fixtures: rows and answers as JSON.</summary>
internal static class FixtureFiles
{
    private static readonly JsonSerializerOptions s_json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Architecture and kernels: where they are the same, answers are the same to the last digits; elsewhere sums are rounded otherwise.</summary>
    public static string Machine { get; } = $"{RuntimeInformation.ProcessArchitecture} {CpuKernels.Current.Name}";

    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, s_json);

    public static T FromJson<T>(string json) => JsonSerializer.Deserialize<T>(json, s_json)!;

    /// <summary>The numbers of columns.</summary>
    public static FixtureAnswers Answers(IDataView view, string[] columns) =>
        new(Machine, columns.ToDictionary(name => name, name => Numbers(view, view.Schema[name])));

    private static float[][] Numbers(IDataView view, DataViewSchema.Column column)
    {
        List<float[]> rows = [];
        using var cursor = view.GetRowCursor([column]);
        var read = column.Type switch
        {
            VectorDataViewType { ItemType: KeyDataViewType } => Reader<VBuffer<uint>>(value => [.. value.DenseValues().Select(key => (float)key)]),
            VectorDataViewType => Reader<VBuffer<float>>(value => [.. value.DenseValues()]),
            BooleanDataViewType => Reader<bool>(value => [value ? 1 : 0]),
            KeyDataViewType => Reader<uint>(value => [value]),
            _ => Reader<float>(value => [value]),
        };
        while (cursor.MoveNext()) rows.Add(read());
        return [.. rows];

        Func<float[]> Reader<T>(Func<T, float[]> convert)
        {
            var getter = cursor.GetGetter<T>(column);
            var value = default(T)!;
            return () =>
            {
                getter(ref value);
                return convert(value);
            };
        }
    }
}
