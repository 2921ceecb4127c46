using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Rows to be scored together, and their answers: <see cref="Add"/> begins a row, a filler writes its inputs, a scorer
/// scores, the answers are read row by row, <see cref="Clear"/> begins anew. Buffers are used again and grow only with longer sequences. For one thread at a
/// time.
/// </summary>
internal sealed class ScoringBatch : IExampleTarget, IDisposable
{
    private readonly int[] _times;
    private readonly (CarriedState State, CarriedStep Step)[] _carried;
    private readonly string[]?[] _texts;

    /// <param name="manifest">The model's columns.</param>
    /// <param name="capacity">Maximum number of rows.</param>
    public ScoringBatch(ModelManifest manifest, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (Manifest, Capacity) = (manifest, capacity);
        _times = new int[capacity];
        _texts = manifest.Translation?.CopyColumn is null ? [] : new string[]?[capacity];
        _carried = manifest.CarriesState ? new (CarriedState, CarriedStep)[capacity] : [];
        Inputs = [.. manifest.Inputs.Select(input => new ScoringInput(input, capacity))];
        if (manifest.NoiseSize > 0)
        {
            (NoiseInput, NoiseSeed) = (Inputs.Length, manifest.Forecast!.SampleSeed);
            Inputs = Inputs.Add(new(new(ModelManifest.NoiseInput, InputKind.Static, null, manifest.NoiseSize), capacity));
        }
        Outputs = [.. manifest.AddedColumns.Select(output => new ScoringOutput(output, capacity))];
    }

    public ModelManifest Manifest { get; }

    /// <summary>Maximum number of rows.</summary>
    public int Capacity { get; }

    /// <summary>The noise input (<see cref="SampleNoise"/>), after those of the columns; null for none.</summary>
    public int? NoiseInput { get; }

    /// <summary>The seed of the noise: that of the model, or another.</summary>
    public ulong NoiseSeed { get; set; }

    /// <summary>Number of rows since <see cref="Clear"/>.</summary>
    public int Rows { get; private set; }

    public bool IsFull => Rows == Capacity;

    internal ImmutableArray<ScoringInput> Inputs { get; }

    internal ImmutableArray<ScoringOutput> Outputs { get; }

    internal ReadOnlySpan<int> Times => _times.AsSpan(0, Rows);

    /// <summary>Of a model that carries its state: the state of the series of each row.</summary>
    internal ReadOnlySpan<(CarriedState State, CarriedStep Step)> Carried => _carried.AsSpan(0, Rows);

    /// <summary>Whether the states before the last row of each series are kept, so that it can be read again in a later batch.</summary>
    internal bool KeepsBefore { get; set; }

    /// <summary>The state that a scorer keeps with the batch: buffers bound to its session.</summary>
    internal IDisposable? Bindings { get; set; }

    /// <summary>
    /// Starts a row and returns its index. <paramref name="time"/> is its number of steps, at least 1; it must match a model with a fixed number.
    /// </summary>
    public int Add(int time)
    {
        if (IsFull) throw new InvalidOperationException("The batch is full: score and clear it first.");
        ArgumentOutOfRangeException.ThrowIfLessThan(time, 1);
        foreach (var input in Inputs)
            if (input.Column.IsSequence && input.Column.Time is int expected && time != expected)
                throw new ArgumentException($"The column '{input.Column.Name}' holds sequences of {expected} steps; one of {time} was given.", nameof(time));
        var row = Rows++;
        _times[row] = time;
        foreach (var input in Inputs) input.Add(row, time);
        return row;
    }

    /// <summary>Names the state of a row of a model that carries it.</summary>
    public void Carry(int row, CarriedState state, CarriedStep step) => _carried[row] = (state, step);

    /// <summary>Keeps the texts of the steps of a row, which no graph reads.</summary>
    public void KeepTexts(int row, string[] texts) => _texts[Checked(row)] = texts;

    /// <summary>The texts of the steps of a row; null for none.</summary>
    public string[]? KeptTexts(int row) => _texts.Length == 0 ? null : _texts[Checked(row)];

    /// <summary>Adds a row of another batch of this model; where it carries a state, as the first of a series.</summary>
    public void Copy(ScoringBatch source, int row)
    {
        var example = Add(source.Time(row));
        if (Manifest.CarriesState) Carry(example, new(Manifest.StateSize), CarriedStep.First);
        for (var input = 0; input < Inputs.Length; input++)
        {
            if (Inputs[input].IsText) source.Texts(row, input).CopyTo(Texts(example, input));
            else if (Inputs[input].IsInteger) source.Tokens(row, input).CopyTo(Tokens(example, input));
            else if (Inputs[input].IsDouble) source.Doubles(row, input).CopyTo(Doubles(example, input));
            else source.Values(row, input).CopyTo(Values(example, input));
        }
    }

    /// <summary>The number of steps of a row.</summary>
    public int Time(int row) => Times[row];

    /// <summary>
    /// The input numbers of a row, for the caller to fill: time x features, step by step, or the numbers of a static column. Contents are undefined; the span
    /// is valid until the next <see cref="Add"/>.
    /// </summary>
    public Span<float> Values(int row, int input) => Inputs[input].Row<float>(Checked(row));

    /// <summary>The numbers of an input in Double, likewise.</summary>
    public Span<double> Doubles(int row, int input) => Inputs[input].Row<double>(Checked(row));

    /// <summary>The input token ids (or integers) of a row, likewise.</summary>
    public Span<long> Tokens(int row, int input) => Inputs[input].Row<long>(Checked(row));

    /// <summary>The texts of a row, likewise.</summary>
    public Span<string> Texts(int row, int input) => Inputs[input].Row<string>(Checked(row));

    public void Write(int example, int input, int step, ReadOnlySpan<float> source, int stride)
    {
        var width = Inputs[input].Column.Features;
        if (Inputs[input].IsInteger) StepCopy.Ids(source, stride, Tokens(example, input)[step..], 1);
        else StepCopy.Numbers(source, stride, Values(example, input)[(step * width)..], width, width);
    }

    public void Write(int example, int input, int step, ReadOnlySpan<float> source, ReadOnlySpan<float> rests, int stride, ReadOnlySpan<double> origin)
    {
        var width = Inputs[input].Column.Features;
        var numbers = Doubles(example, input)[(step * width)..];
        for (int from = 0, to = 0; from < source.Length; from += stride, to += width)
        {
            for (var i = 0; i < width; i++) numbers[to + i] = (double)source[from + i] + rests[from + i];
        }
    }

    public void Write(int example, int input, ReadOnlySpan<int> tokens) => StepCopy.Ids(tokens, 1, Tokens(example, input), 1);

    /// <summary>The output of a row in a Single column; step by step for per-step outputs.</summary>
    public ReadOnlySpan<float> Floats(int row, int output) => Outputs[output].Row<float>(Checked(row));

    /// <summary>The output of a row in a Double column.</summary>
    public ReadOnlySpan<double> Numbers(int row, int output) => Outputs[output].Row<double>(Checked(row));

    /// <summary>Copies the first numbers of an output of a row in a Single or Double column.</summary>
    public void Read(int row, int output, Span<double> destination)
    {
        if (Outputs[output].Column.Kind is OutputKind.Double) Numbers(row, output)[..destination.Length].CopyTo(destination);
        else TensorPrimitives.ConvertTruncating(Floats(row, output)[..destination.Length], destination);
    }

    /// <summary>The output of a row in a Boolean column.</summary>
    public bool Boolean(int row, int output) => Outputs[output].Row<byte>(Checked(row))[0] != 0;

    /// <summary>The output of a row in a column of several Booleans.</summary>
    public ReadOnlySpan<bool> Booleans(int row, int output) => MemoryMarshal.Cast<byte, bool>(Outputs[output].Row<byte>(Checked(row)));

    /// <summary>The output of a row in a key column: from 1, 0 for missing.</summary>
    public long Key(int row, int output) => Outputs[output].Row<long>(Checked(row))[0];

    /// <summary>The output of a row in an integer column.</summary>
    public ReadOnlySpan<long> Integers(int row, int output) => Outputs[output].Row<long>(Checked(row));

    /// <summary>The output of a row in a column of which each row has its own number of values.</summary>
    public ReadOnlySpan<T> Own<T>(int row, int output) => Outputs[output].Own<T>(Checked(row));

    /// <summary>Removes the last row.</summary>
    public void RemoveLast() => Rows--;

    /// <summary>Removes all rows.</summary>
    public void Clear()
    {
        Rows = 0;
        foreach (var input in Inputs) input.Clear();
        foreach (var output in Outputs) output.Clear();
        Array.Clear(_texts);
    }

    public void Dispose()
    {
        Bindings?.Dispose();
        Bindings = null;
    }

    private int Checked(int row) => (uint)row < (uint)Rows ? row : throw new ArgumentOutOfRangeException(nameof(row), row, $"The batch holds {Rows} rows.");
}
