using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores sequences while they grow: the model's states are kept for each key (a device, a user, a series), so that a new step costs one step and not the whole
/// sequence again. The steps of many keys are scored together. After each step the answer is that of the model for all steps of the key so far.
/// <code>
/// using var stream = new SequenceStream&lt;string&gt;(transformer.Model);
/// stream.Step(["pump 1", "pump 2"], readings, answers);
/// </code>
/// </summary>
/// <remarks>Thread-safe: calls wait for each other. A state costs 4 bytes a number: 512 bytes a key for one LSTM of 64.</remarks>
/// <typeparam name="TKey">The type of keys.</typeparam>
public sealed class SequenceStream<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, int> _slots;
    private readonly Stack<int> _free = [];
    private readonly StepScorer _scorer;
    private readonly int[] _stagedSlots, _stagedRows;
    private float[] _states = [];
    // The run in which a slot was staged last: a key that comes twice in one call makes two steps, one after the other.
    private long[] _stagedIn = [];
    private long _run;
    private bool _disposed;

    /// <summary>Opens a stream without keys upon a trained model.</summary>
    /// <param name="model">The model: one direction, the last state pooled, windows not normalised.</param>
    /// <param name="options">How ONNX Runtime scores; null for the defaults.</param>
    /// <param name="comparer">How keys are compared; null for their own way.</param>
    /// <exception cref="NotSupportedException">The model has to see the whole sequence at once; the message says why.</exception>
    public SequenceStream(RecurrentModel model, ScoringOptions? options = null, IEqualityComparer<TKey>? comparer = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _scorer = new(model, options ?? ScoringOptions.Default);
        _slots = new(comparer);
        (_stagedSlots, _stagedRows) = (new int[_scorer.Capacity], new int[_scorer.Capacity]);
    }

    /// <summary>
    /// Numbers of one step: those of the sequence columns in the model's order (a token is one number, its key's value), then those of the static columns.
    /// </summary>
    public int InputSize => _scorer.InputSize;

    /// <summary>Numbers of one answer: <c>Score</c>, and what other columns of numbers the model writes, in their order.</summary>
    public int OutputSize => _scorer.OutputSize;

    /// <summary>Keys whose states are held.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _slots.Count;
        }
    }

    /// <summary>
    /// Makes one step of each key; a key not seen before begins with states of 0. A key that comes several times makes as many steps, in order. A step with a
    /// number that is NaN or infinite is not made: its answer is NaN, and the key's states stay as they were.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="inputs">The numbers of each key's step, key after key: keys x <see cref="InputSize"/>.</param>
    /// <param name="outputs">Takes the answers, key after key: keys x <see cref="OutputSize"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of keys.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed of.</exception>
    public void Step(ReadOnlySpan<TKey> keys, ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        if (inputs.Length != (long)keys.Length * InputSize)
            throw new ArgumentException($"{keys.Length} keys need {(long)keys.Length * InputSize} numbers, {InputSize} each; {inputs.Length} were given.",
                nameof(inputs));
        if (outputs.Length != (long)keys.Length * OutputSize)
            throw new ArgumentException(
                $"The answers for {keys.Length} keys are {(long)keys.Length * OutputSize} numbers, {OutputSize} each; there is room for {outputs.Length}.",
                nameof(outputs));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
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
                _scorer.Add(input, States(slot));
            }
            Flush(outputs);
        }
    }

    /// <summary>Forgets a key's states; its next step is a first one. A key that is not there is no error.</summary>
    /// <param name="key">The key.</param>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            if (!_slots.Remove(key, out var slot)) return;
            States(slot).Clear();
            _free.Push(slot);
        }
    }

    /// <summary>Returns the share in the session of ONNX Runtime, and forgets all keys.</summary>
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

    private Span<float> States(int slot) => _states.AsSpan(slot * _scorer.StateSize, _scorer.StateSize);

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
            throw new InvalidOperationException($"A stream holds {_stagedIn.Length} keys of this model at the most: forget some, or open several streams.");
        Array.Resize(ref _states, slots * _scorer.StateSize);
        Array.Resize(ref _stagedIn, slots);
    }

    private void Flush(Span<float> outputs)
    {
        if (_scorer.Rows == 0) return;
        _scorer.Run();
        for (var i = 0; i < _scorer.Rows; i++) _scorer.Read(i, outputs.Slice(_stagedRows[i] * OutputSize, OutputSize), States(_stagedSlots[i]));
        _scorer.Clear();
        _run++;
    }
}
