namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>
/// Builds the values of a pickle: dictionaries, lists, numbers, texts, and tensors without their numbers. It calls nothing: a name is only compared with those
/// of <see cref="PickleName"/>.
/// </summary>
internal sealed class PickleMachine
{
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];
    private readonly PickleReader _reader;
    private readonly Dictionary<string, PickledStorage> _storages;

    private PickleMachine(Stream stream, Dictionary<string, PickledStorage> storages) => (_reader, _storages) = (new(stream), storages);

    /// <summary>Builds the value of the pickle at the position of a stream, which is left behind it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="storages">Receives the storages that the pickle refers to, by their keys; null if they are not needed.</param>
    /// <exception cref="InvalidDataException">The pickle is corrupt, or names something that is not permitted.</exception>
    public static object? Load(Stream stream, Dictionary<string, PickledStorage>? storages = null)
    {
        PickleScan.Check(stream);
        var machine = new PickleMachine(stream, storages ?? []);
        while (machine.Step())
        {
        }
        return machine.Pop();
    }

    private bool Step()
    {
        var (operation, argument) = _reader.Next();
        switch (operation)
        {
            case PickleOperation.Stop: return false;
            case PickleOperation.Protocol or PickleOperation.Frame: break;
            case PickleOperation.Mark: _marks.Push(_stack.Count); break;
            case PickleOperation.Pop: Pop(); break;
            case PickleOperation.None: _stack.Add(null); break;
            case PickleOperation.True: _stack.Add(true); break;
            case PickleOperation.False: _stack.Add(false); break;
            case PickleOperation.EmptyDictionary: _stack.Add(new PickledDictionary()); break;
            case PickleOperation.EmptyList: _stack.Add(new List<object?>()); break;
            case PickleOperation.EmptyTuple: _stack.Add(Array.Empty<object?>()); break;
            case PickleOperation.Tuple: _stack.Add(PopToMark()); break;
            case PickleOperation.TupleOfOne or PickleOperation.TupleOfTwo or PickleOperation.TupleOfThree:
                _stack.Add(PopMany(operation - PickleOperation.TupleOfOne + 1));
                break;
            case PickleOperation.Append: Append([Pop()]); break;
            case PickleOperation.AppendAll: Append(PopToMark()); break;
            case PickleOperation.SetItem: Set(PopMany(2)); break;
            case PickleOperation.SetItems: Set(PopToMark()); break;
            case PickleOperation.Put or PickleOperation.PutLong: _memo[(long)argument!] = Peek(); break;
            case PickleOperation.Memoize: _memo[_memo.Count] = Peek(); break;
            case PickleOperation.Get or PickleOperation.GetLong:
                _stack.Add(_memo.TryGetValue((long)argument!, out var known) ? known : throw Corrupt());
                break;
            case PickleOperation.GlobalOfTexts: _stack.Add(PopMany(2) is [string module, string name] ? Named(new(module, name)) : throw Corrupt()); break;
            case PickleOperation.Global: _stack.Add(Named((PickleName)argument!)); break;
            case PickleOperation.PersistentId: _stack.Add(Storage(Pop())); break;
            case PickleOperation.Reduce: _stack.Add(PopMany(2) is [PickleName called, object?[] given] ? Rebuild(called, given) : throw Corrupt()); break;
            // The attributes of a state dict: versions of modules.
            case PickleOperation.Build: if (PopMany(2) is [PickledDictionary dictionary, _]) _stack.Add(dictionary); else throw Corrupt(); break;
            default: _stack.Add(argument); break;
        }
        return true;
    }

    private static PickleName Named(PickleName name)
    {
        name.Check();
        return name;
    }

    private PickledStorage Storage(object? id) =>
        id is object?[] and ["storage", PickleName { Storage: { } type }, string key, _, long count and >= 0, ..]
            ? _storages[key] = new(key, type, count)
            : throw Corrupt();

    private static object Rebuild(PickleName name, object?[] given)
    {
        if (name == PickleName.OrderedDictionary)
        {
            var dictionary = new PickledDictionary();
            foreach (var entry in given is [List<object?> entries] ? entries : [])
                if (entry is List<object?> and [var key, var value]) dictionary.Set(key, value);
                else if (entry is object?[] and [var first, var second]) dictionary.Set(first, second);
                else throw Corrupt();
            return dictionary;
        }
        if (name == PickleName.Parameter && given is [PickledTensor tensor, ..]) return tensor;
        if ((name == PickleName.Tensor || name == PickleName.OldTensor)
            && given is [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..])
            return new PickledTensor(storage, offset, Sizes(shape), Sizes(strides));
        throw Corrupt();
    }

    private static long[] Sizes(object?[] sizes) => Array.ConvertAll(sizes, size => size is long number ? number : throw Corrupt());

    private void Append(object?[] values) => (Peek() as List<object?> ?? throw Corrupt()).AddRange(values);

    private void Set(object?[] entries)
    {
        if (Peek() is not PickledDictionary dictionary || entries.Length % 2 != 0) throw Corrupt();
        for (var i = 0; i < entries.Length; i += 2) dictionary.Set(entries[i], entries[i + 1]);
    }

    private object? Peek() => _stack.Count > 0 ? _stack[^1] : throw Corrupt();

    private object? Pop() => PopMany(1)[0];

    private object?[] PopMany(int count) => _stack.Count >= count ? Cut(_stack.Count - count) : throw Corrupt();

    private object?[] PopToMark() => _marks.TryPop(out var mark) && mark <= _stack.Count ? Cut(mark) : throw Corrupt();

    private object?[] Cut(int from)
    {
        object?[] values = [.. _stack[from..]];
        _stack.RemoveRange(from, values.Length);
        return values;
    }

    private static InvalidDataException Corrupt() => new("its pickle is corrupt");
}
