using System.Globalization;
using System.Numerics;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores growing sequences: the states of the model are kept per key (a device, a user, a series), so that a new step costs one step, not the whole sequence.
/// The steps of many keys are scored together. The output after a step equals the model's output for all steps of the key so far.
/// <code>
/// using var stream = new SequenceStream&lt;string&gt;(transformer.Model);
/// stream.Step(["pump 1", "pump 2"], readings, answers);
/// </code>
/// </summary>
/// <remarks>Thread-safe: calls wait for each other. A state takes 4 bytes per number: 512 bytes per key for one LSTM layer of 64.</remarks>
/// <typeparam name="TKey">The key type.</typeparam>
public sealed class SequenceStream<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, int> _slots;
    private readonly Stack<int> _free = [];
    private readonly StepScorer _scorer;
    private readonly int[] _stagedSlots, _stagedRows;
    private float[] _states = [];
    // The run in which a slot was last staged: a key that occurs twice in one call makes two consecutive steps.
    private long[] _stagedIn = [];
    private long _run;
    private bool _disposed;

    /// <summary>Creates an empty stream for a trained model.</summary>
    /// <param name="model">The model: unidirectional, pooling Last, no window normalization; or the graph of another framework with states, as
    /// <see cref="RecurrentOnnxTransformer"/> carries them along series (<c>mlContext.Model.CreateSequenceStream</c> reads such a file).</param>
    /// <param name="options">Scoring options for ONNX Runtime; null for the defaults.</param>
    /// <param name="comparer">The key comparer; null for the default.</param>
    /// <exception cref="NotSupportedException">The model needs the whole sequence at once; the message says why.</exception>
    public SequenceStream(RecurrentModel model, ScoringOptions? options = null, IEqualityComparer<TKey>? comparer = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _scorer = new(model, options ?? ScoringOptions.Default);
        _slots = new(comparer);
        (_stagedSlots, _stagedRows) = (new int[_scorer.Capacity], new int[_scorer.Capacity]);
    }

    /// <summary>Numbers per step: the sequence columns in the model's order (a token is one number, its key value), then the static columns.</summary>
    public int InputSize => _scorer.InputSize;

    /// <summary>Numbers per output: <c>Score</c> and the other numeric columns of the model, in order.</summary>
    public int OutputSize => _scorer.OutputSize;

    /// <summary>The states that are kept per key: the inputs of the graph that take them, and the outputs that give the next ones.</summary>
    public IReadOnlyDictionary<string, string> States => _scorer.States.ToDictionary(state => state.Input, state => state.Output);

    /// <summary>Number of keys with a stored state.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _slots.Count;
        }
    }

    /// <summary>
    /// Makes one step per key; a new key starts with zero states. A key that occurs several times makes several steps, in order. A step with a NaN or infinite
    /// number is not made: its output is NaN, and the states of the key do not change.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="inputs">The inputs, key after key: keys x <see cref="InputSize"/>.</param>
    /// <param name="outputs">Receives the outputs, key after key: keys x <see cref="OutputSize"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of keys, or a fraction stands where the model takes whole numbers.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public void Step(ReadOnlySpan<TKey> keys, ReadOnlySpan<float> inputs, Span<float> outputs) => Step<float>(keys, inputs, outputs);

    /// <inheritdoc cref="Step(ReadOnlySpan{TKey}, ReadOnlySpan{float}, Span{float})"/>
    /// <remarks>For a model that was trained on numbers that need more than the 24 bits of a Single.</remarks>
    public void Step(ReadOnlySpan<TKey> keys, ReadOnlySpan<double> inputs, Span<float> outputs) => Step<double>(keys, inputs, outputs);

    private void Step<T>(ReadOnlySpan<TKey> keys, ReadOnlySpan<T> inputs, Span<float> outputs)
        where T : struct, INumber<T>
    {
        if (inputs.Length != (long)keys.Length * InputSize)
            throw new ArgumentException($"{keys.Length} keys need {(long)keys.Length * InputSize} numbers, {InputSize} each; {inputs.Length} were given.",
                nameof(inputs));
        if (outputs.Length != (long)keys.Length * OutputSize)
            throw new ArgumentException(
                $"The outputs of {keys.Length} keys are {(long)keys.Length * OutputSize} numbers, {OutputSize} each; there is room for {outputs.Length}.",
                nameof(outputs));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // Before the first step is made.
            for (var row = 0; row < keys.Length && _scorer.TakesIntegers; row++)
            {
                if (_scorer.Fraction(inputs.Slice(row * InputSize, InputSize)) is { } fraction)
                    throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                        $"The step of the key '{keys[row]}' has {fraction.Value} for the input '{fraction.Input}', which takes whole numbers."),
                            nameof(inputs));
            }
            _scorer.Clear();
            _run++;
            for (var row = 0; row < keys.Length; row++)
            {
                var slot = Slot(keys[row]);
                var input = inputs.Slice(row * InputSize, InputSize);
                if (!_scorer.HasAnswer(input))
                {
                    outputs.Slice(row * OutputSize, OutputSize).Fill(float.NaN);
                    continue;
                }
                if (_scorer.Rows == _scorer.Capacity || _stagedIn[slot] == _run) Flush(outputs);
                (_stagedSlots[_scorer.Rows], _stagedRows[_scorer.Rows]) = (slot, row);
                _stagedIn[slot] = _run;
                _scorer.Add(input, StateOf(slot));
            }
            Flush(outputs);
        }
    }

    /// <summary>Removes the states of a key; its next step starts a new sequence. An unknown key is ignored.</summary>
    /// <param name="key">The key.</param>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            if (!_slots.Remove(key, out var slot)) return;
            StateOf(slot).Clear();
            _free.Push(slot);
        }
    }

    /// <summary>Releases the shared ONNX Runtime session and removes all keys.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _slots.Clear();
            _states = [];
            _scorer.Dispose();
        }
    }

    private Span<float> StateOf(int slot) => _states.AsSpan(slot * _scorer.StateSize, _scorer.StateSize);

    private int Slot(TKey key)
    {
        if (_slots.TryGetValue(key, out var slot)) return slot;
        if (!_free.TryPop(out slot))
        {
            slot = _slots.Count;
            if (slot == _stagedIn.Length) Grow();
        }
        _slots.Add(key, slot);
        return slot;
    }

    private void Grow()
    {
        var slots = Math.Max(16, 2 * _stagedIn.Length);
        if ((long)slots * _scorer.StateSize > Array.MaxLength) slots = Array.MaxLength / _scorer.StateSize;
        if (slots <= _stagedIn.Length)
            throw new InvalidOperationException($"A stream holds at most {_stagedIn.Length} keys of this model: remove some, or create several streams.");
        Array.Resize(ref _states, slots * _scorer.StateSize);
        Array.Resize(ref _stagedIn, slots);
    }

    private void Flush(Span<float> outputs)
    {
        if (_scorer.Rows == 0) return;
        _scorer.Run();
        for (var i = 0; i < _scorer.Rows; i++) _scorer.Read(i, outputs.Slice(_stagedRows[i] * OutputSize, OutputSize), StateOf(_stagedSlots[i]));
        _scorer.Clear();
        _run++;
    }
}
