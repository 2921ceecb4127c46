namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// Where gradients of the states end (truncated back-propagation through time, Williams and Peng 1990): every so many steps, counted from the end that the
/// states come to last. A row that is shorter than the batch goes back further, to the first such place that lies at least as many steps from its own end.
/// </summary>
/// <param name="steps">Steps between two such places; 0 for none.</param>
/// <param name="time">Steps of the batch.</param>
/// <param name="reverse">Whether time runs from the last step to the first.</param>
/// <param name="lengths">True steps of each row; null where all have all.</param>
internal readonly unsafe struct Truncation(int steps, int time, bool reverse, int* lengths)
{
    /// <summary>Whether the step lies behind such a place, in the order in which gradients go.</summary>
    public bool IsBehind(int step) => steps > 0 && (reverse ? step > 0 && step % steps == 0 : step < time - 1 && (time - 1 - step) % steps == 0);

    /// <summary>Clears the gradients of the rows that end at a place.</summary>
    /// <param name="place">The first step on its later side.</param>
    /// <param name="h">Gradients of the state, [count, size].</param>
    /// <param name="c">Of the memory; null for none.</param>
    /// <param name="first">The first of the rows.</param>
    /// <param name="count">How many.</param>
    /// <param name="size">Numbers of the state.</param>
    /// <param name="memory">Numbers of the memory; 0 for as many.</param>
    public void End(int place, float* h, float* c, int first, int count, int size, int memory = 0)
    {
        if (memory == 0) memory = size;
        for (var row = 0; row < count; row++)
        {
            var length = lengths == null ? time : lengths[first + row];
            if (reverse ? length <= place : length - place < steps) continue;
            new Span<float>(h + (nint)row * size, size).Clear();
            if (c != null) new Span<float>(c + (nint)row * memory, memory).Clear();
        }
    }
}
