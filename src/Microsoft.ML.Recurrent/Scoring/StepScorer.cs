using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Scores one step of many streams at once. <see cref="Add"/> stages a row: its inputs and states. <see cref="Run"/> computes the outputs and the next states
/// of the staged rows. Buffers are pinned and bound once per number of rows, so that a run allocates nothing. Not thread-safe.
/// </summary>
internal sealed class StepScorer : IDisposable
{
    // All bindings are dropped beyond this number of different row counts.
    private const int Limit = 64;

    private readonly ImmutableArray<Slot> _inputs, _outputs, _states, _nextStates;
    private readonly Dictionary<int, TensorBinding> _bindings = [];
    private readonly ImmutableArray<string> _lengths;
    private readonly SessionLease _lease;

    public StepScorer(RecurrentModel model, ScoringOptions options)
    {
        var graph = StepGraph.Create(model);
        (Manifest, Capacity) = (graph.Manifest, graph.Manifest.FixedBatch ?? options.Checked().BatchSize);
        _inputs = [.. Manifest.Inputs.Where(input => !input.IsLength).Select(input =>
            new Slot(input.Name, input.Features, Capacity, input.Kind, input.Vocabulary, input.IsDouble || !input.Origins.IsEmpty))];
        // The keys and Booleans of our own models follow from their numbers.
        _outputs = [.. Manifest.Outputs.Where(output => output.Kind is OutputKind.Single || Manifest is { IsForeignGraph: true, AnswersOf: null })
            .Select(output => new Slot(output.Name, output.Size, Capacity, output.Kind) { IsPerStep = output.PerStep })];
        _lengths = [.. Manifest.Inputs.Where(input => input.IsLength).Select(input => input.Name)];
        if (Manifest.HasLengths) _lengths = [ModelManifest.LengthInput];
        _states = [.. graph.States.Select(state => new Slot(state.Input, state.Size, Capacity))];
        _nextStates = [.. graph.States.Select(state => new Slot(state.Output, state.Size, Capacity))];
        TakesIntegers = _inputs.Any(input => input.IsInteger);
        InputSize = _inputs.Sum(input => input.Size);
        OutputSize = _outputs.Sum(output => output.Size);
        StateSize = _states.Sum(state => state.Size);
        _lease = OnnxSessions.Lease(Identity(model), graph.File, shapesVary: true, options);
    }

    /// <summary>The identity of the single-step graph.</summary>
    public static string Identity(RecurrentModel model) => model.Identity + ":step";

    public ModelManifest Manifest { get; }

    /// <summary>Maximum number of rows per run.</summary>
    public int Capacity { get; }

    /// <summary>Numbers per row: one step of all sequence columns (a token is one number), then all static columns, in the model's order.</summary>
    public int InputSize { get; }

    /// <summary>Numbers per output row: all numeric columns, in the model's order.</summary>
    public int OutputSize { get; }

    /// <summary>Numbers per state of a stream.</summary>
    public int StateSize { get; }

    /// <summary>Number of staged rows.</summary>
    public int Rows { get; private set; }

    /// <summary>The states: inputs and outputs of the graph.</summary>
    public IEnumerable<(string Input, string Output)> States => _states.Zip(_nextStates, (before, after) => (before.Name, after.Name));

    /// <summary>Whether a step has an answer: all its numbers are finite. Tokens that are none are missing keys.</summary>
    public bool HasAnswer<T>(ReadOnlySpan<T> inputs) where T : struct, INumber<T>
    {
        foreach (var input in _inputs)
        {
            for (var i = 0; i < input.Size && !input.IsMissable; i++)
                if (!T.IsFinite(inputs[i])) return false;
            inputs = inputs[input.Size..];
        }
        return true;
    }

    /// <summary>Whether some inputs take whole numbers only.</summary>
    public bool TakesIntegers { get; }

    /// <summary>The first number of a step that is a fraction where its input takes whole numbers; null for none.</summary>
    public (string Input, T Value)? Fraction<T>(ReadOnlySpan<T> inputs) where T : struct, INumber<T>
    {
        foreach (var input in _inputs)
        {
            for (var i = 0; i < input.Size && input.IsInteger; i++)
                if (T.IsFinite(inputs[i]) && !T.IsInteger(inputs[i])) return (input.Name, inputs[i]);
            inputs = inputs[input.Size..];
        }
        return null;
    }

    /// <summary>Stages a row.</summary>
    public void Add<T>(ReadOnlySpan<T> inputs, ReadOnlySpan<float> states) where T : struct, INumber<T>
    {
        foreach (var input in _inputs) inputs = input.Write(Rows, inputs);
        foreach (var state in _states) states = state.Write(Rows, states);
        Rows++;
    }

    /// <summary>Scores the staged rows; <see cref="Read"/> returns their outputs until <see cref="Clear"/>.</summary>
    public void Run()
    {
        // Rows that a fixed number leaves over hold what they held.
        var rows = Manifest.FixedBatch ?? Rows;
        if (!_bindings.TryGetValue(rows, out var binding))
        {
            if (_bindings.Count == Limit) DropBindings();
            _bindings.Add(rows, binding = Bind(rows));
        }
        binding.Run();
    }

    /// <summary>Reads the output and the next states of a row.</summary>
    public void Read(int row, Span<float> outputs, Span<float> states)
    {
        foreach (var output in _outputs) outputs = output.Read(row, outputs);
        foreach (var state in _nextStates) states = state.Read(row, states);
    }

    public void Clear() => Rows = 0;

    public void Dispose()
    {
        DropBindings();
        _lease.Dispose();
    }

    private TensorBinding Bind(int rows)
    {
        var binding = new TensorBinding(_lease.Session, _lease.Memory);
        try
        {
            foreach (var input in _inputs) binding.Input(input.Name, input.Buffer, 0, input.Shape(rows));
            foreach (var lengths in _lengths) binding.Input(lengths, Ones(rows), 0, Manifest.IsForeignGraph ? [rows, 1] : [rows]);
            foreach (var state in _states) binding.Input(state.Name, state.Buffer, 0, Manifest.StateShape(rows, state.Size));
            foreach (var output in _outputs) binding.Output(output.Name, output.Buffer, 0, output.IsPerStep ? [rows, 1, output.Size] : [rows, output.Size]);
            foreach (var state in _nextStates) binding.Output(state.Name, state.Buffer, 0, Manifest.StateShape(rows, state.Size));
            return binding;
        }
        catch
        {
            binding.Dispose();
            throw;
        }
    }

    private static long[] Ones(int rows)
    {
        var ones = GC.AllocateUninitializedArray<long>(rows, pinned: true);
        ones.AsSpan().Fill(1);
        return ones;
    }

    private void DropBindings()
    {
        foreach (var binding in _bindings.Values) binding.Dispose();
        _bindings.Clear();
    }

    /// <summary>One input or output of the graph, with its numbers per row.</summary>
    private sealed class Slot
    {
        private readonly InputKind? _kind;
        private readonly int _vocabulary;
        private readonly float[] _values = [];
        private readonly long[] _integers = [];
        private readonly double[] _doubles = [];
        private readonly byte[] _flags = [];

        public Slot(string name, int size, int capacity, OutputKind kind)
        {
            (Name, Size) = (name, size);
            if (kind is OutputKind.Single) _values = GC.AllocateArray<float>(checked(capacity * size), pinned: true);
            else if (kind is OutputKind.Boolean) _flags = GC.AllocateArray<byte>(checked(capacity * size), pinned: true);
            else _integers = GC.AllocateArray<long>(checked(capacity * size), pinned: true);
        }

        public Slot(string name, int size, int capacity, InputKind? kind = null, int vocabulary = 0, bool isDouble = false)
        {
            (Name, Size, _kind, _vocabulary) = (name, size, kind, vocabulary);
            if (kind is InputKind.Tokens or InputKind.Integers) _integers = GC.AllocateArray<long>(checked(capacity * size), pinned: true);
            else if (isDouble) _doubles = GC.AllocateArray<double>(checked(capacity * size), pinned: true);
            else _values = GC.AllocateArray<float>(checked(capacity * size), pinned: true);
        }

        public string Name { get; }

        public int Size { get; }

        /// <summary>For tokens: whether a missing one is a key like others.</summary>
        public bool IsMissable => _kind is InputKind.Tokens && _vocabulary > 0;

        public bool IsInteger => _kind is InputKind.Tokens or InputKind.Integers;

        /// <summary>For an output: whether it has a value per step.</summary>
        public bool IsPerStep { get; init; }

        public Array Buffer =>
            _integers.Length > 0 ? _integers : _doubles.Length > 0 ? _doubles : _flags.Length > 0 ? _flags : _values;

        public long[] Shape(int rows) =>
            _kind switch { InputKind.Tokens => [rows, 1], InputKind.Static or InputKind.Integers => [rows, Size], _ => [rows, 1, Size] };

        /// <summary>Takes the numbers of a row from the front of a span, and returns the rest.</summary>
        public ReadOnlySpan<T> Write<T>(int row, ReadOnlySpan<T> source) where T : struct, INumber<T>
        {
            // A key unknown in training counts as missing, as in a pipeline; the graphs of other frameworks say nothing of their vocabulary.
            if (_kind is InputKind.Tokens && _vocabulary > 0)
                _integers[row] = double.CreateTruncating(source[0]) is >= 0 and var token && token < _vocabulary ? (long)token : 0;
            else if (_integers.Length > 0) TensorPrimitives.ConvertTruncating(source[..Size], _integers.AsSpan(row * Size));
            else if (_doubles.Length > 0) TensorPrimitives.ConvertTruncating(source[..Size], _doubles.AsSpan(row * Size));
            else TensorPrimitives.ConvertTruncating(source[..Size], _values.AsSpan(row * Size));
            return source[Size..];
        }

        public Span<float> Read(int row, Span<float> destination)
        {
            if (_integers.Length > 0) TensorPrimitives.ConvertTruncating<long, float>(_integers.AsSpan(row * Size, Size), destination);
            else if (_flags.Length > 0) TensorPrimitives.ConvertTruncating<byte, float>(_flags.AsSpan(row * Size, Size), destination);
            else _values.AsSpan(row * Size, Size).CopyTo(destination);
            return destination[Size..];
        }
    }
}
