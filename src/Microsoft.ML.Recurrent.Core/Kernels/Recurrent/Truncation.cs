namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// The cuts of truncated backpropagation through time (Williams and Peng 1990): state gradients end at multiples of a number of steps, counted from the end of
/// the recurrence. In a row shorter than the batch they go further back, to the first cut that is at least this number of steps from the end of the row.
/// </summary>
/// <param name="steps">Steps between two cuts; 0 for none.</param>
/// <param name="time">Steps of the batch.</param>
/// <param name="reverse">Whether time runs from the last step to the first.</param>
/// <param name="lengths">Valid steps of each row; null if all are valid.</param>
internal readonly unsafe struct Truncation(int steps, int time, bool reverse, int* lengths)
{
    /// <summary>Whether there is a cut just before the step, in the order of the backward pass.</summary>
    public bool IsBehind(int step) => steps > 0 && (reverse ? step > 0 && step % steps == 0 : step < time - 1 && (time - 1 - step) % steps == 0);

    /// <summary>Clears the gradients of the rows that are cut at a place.</summary>
    /// <param name="place">The first step on the later side of the cut.</param>
    /// <param name="h">Gradients of the state, [count, size].</param>
    /// <param name="c">Gradients of the memory; null for none.</param>
    /// <param name="first">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="size">State size.</param>
    /// <param name="memory">Memory size; 0 for the state size.</param>
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
