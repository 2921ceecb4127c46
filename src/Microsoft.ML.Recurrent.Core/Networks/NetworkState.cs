using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The states of recurrent layers between two batches whose rows continue each other: long sequences are read in pieces, and gradients end at the start of a
/// piece (truncated backpropagation through time, Williams and Peng 1990).
/// </summary>
internal sealed class NetworkState : IRecurrentStates, IDisposable
{
    private readonly Dictionary<string, Slot> _slots = [];

    public bool GoesOn => true;

    /// <summary>Resets the states: the next batch starts from zeros.</summary>
    public void Reset()
    {
        foreach (var slot in _slots.Values) slot.IsSet = false;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The number of rows differs from that of the previous batch.</exception>
    public RecurrentState? Before(Layer layer, int rows)
    {
        if (!_slots.TryGetValue(layer.Name, out var slot) || !slot.IsSet) return null;
        var (h, c) = slot.Current;
        return h!.Shape[0] == rows
            ? new RecurrentState(h, c)
            : throw new ArgumentException($"Layer '{layer.Name}': the batch continues the states of {h.Shape[0]} rows, but has {rows}.");
    }

    /// <inheritdoc/>
    /// <remarks>Each piece of a text is a separate sequence.</remarks>
    public ulong MaskStream(Tape tape, Layer layer, int mask) => tape.NextStream();

    /// <summary>Stores the final state of a layer. The tensors of the initial state stay unchanged, since the backward pass still reads them.</summary>
    public void After(Layer layer, in RecurrentResult result)
    {
        if (!_slots.TryGetValue(layer.Name, out var slot)) _slots.Add(layer.Name, slot = new Slot());
        slot.Keep(result.Forward.H, result.Forward.C);
    }

    /// <summary>Writes the states to a checkpoint.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_slots.Count);
        foreach (var (name, slot) in _slots)
        {
            var (h, c) = slot.Current;
            writer.Write(name);
            writer.Write(slot.IsSet);
            writer.Write(h!.Shape[0]);
            writer.Write(h.Shape[1]);
            writer.Write(c?.Shape[1] ?? 0);
            writer.Write(h);
            if (c is not null) writer.Write(c);
        }
    }

    /// <summary>Reads the states from a checkpoint.</summary>
    public void Load(BinaryReader reader)
    {
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var (name, isSet, rows, hidden, memory) = (reader.ReadString(), reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            using var h = Tensor.Rent(new Shape(rows, hidden));
            using var c = memory > 0 ? Tensor.Rent(new Shape(rows, memory)) : null;
            reader.Read(h);
            if (c is not null) reader.Read(c);
            var slot = _slots[name] = new Slot();
            slot.Keep(h, c);
            slot.IsSet = isSet;
        }
    }

    public void Dispose()
    {
        foreach (var slot in _slots.Values) slot.Dispose();
        _slots.Clear();
    }

    // Double buffering.
    private sealed class Slot : IDisposable
    {
        private Tensor? _h, _c, _otherH, _otherC;

        public bool IsSet { get; set; }

        public (Tensor? H, Tensor? C) Current => (_h, _c);

        public void Keep(Tensor h, Tensor? c)
        {
            Copy(h, ref _otherH);
            if (c is not null) Copy(c, ref _otherC);
            (_h, _c, _otherH, _otherC) = (_otherH, _otherC, _h, _c);
            IsSet = true;
        }

        public void Dispose()
        {
            foreach (var tensor in new[] { _h, _c, _otherH, _otherC }) tensor?.Dispose();
        }

        private static void Copy(Tensor from, ref Tensor? to)
        {
            if (to?.Shape != from.Shape)
            {
                to?.Dispose();
                to = Tensor.Rent(from.Shape);
            }

            from.Span.CopyTo(to.Span);
        }
    }
}
