namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>Reads a pickle once, before anything of it is built, and refuses it if it names anything but tensors and dictionaries.</summary>
internal static class PickleScan
{
    /// <summary>Checks the pickle that begins at the position of a stream, and returns to that position.</summary>
    /// <exception cref="InvalidDataException">The pickle has a name or an operation that is not permitted.</exception>
    public static void Check(Stream stream)
    {
        var start = stream.Position;
        var reader = new PickleReader(stream);
        // A name of newer protocols consists of the last two texts, each maybe from the memo.
        var memo = new Dictionary<long, string?>();
        string? module = null, last = null;
        while (true)
        {
            var (operation, argument) = reader.Next();
            if (operation is PickleOperation.Stop) break;
            if (argument is PickleName name) name.Check();
            else if (argument is string text) (module, last) = (last, text);
            else if (operation is PickleOperation.Get or PickleOperation.GetLong && memo.GetValueOrDefault((long)argument!) is { } known)
                (module, last) = (last, known);
            else if (operation is PickleOperation.Put or PickleOperation.PutLong) memo[(long)argument!] = last;
            else if (operation is PickleOperation.Memoize) memo[memo.Count] = last;
            else if (operation is PickleOperation.GlobalOfTexts) new PickleName(module ?? "", last ?? "").Check();
        }
        stream.Position = start;
    }
}
