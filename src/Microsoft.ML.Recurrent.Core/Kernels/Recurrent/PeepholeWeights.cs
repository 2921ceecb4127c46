namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>Peephole connections (Gers and Schmidhuber 2000): one weight per gate and unit, multiplied with the memory of that unit.</summary>
internal static unsafe class PeepholeWeights
{
    /// <summary>A cell has peephole weights if and only if its gates read them.</summary>
    /// <exception cref="ArgumentException">Weights are missing, or superfluous.</exception>
    public static void Check(CellDescriptor cell, bool given)
    {
        if (given == cell.Peepholes.Length > 0) return;
        throw new ArgumentException($"The cell '{cell.Name}' {(given ? "has no peephole connections, but there are" : "needs")} peephole weights.",
            nameof(cell));
    }

    /// <summary>Adds the gradients of the peephole weights: over all steps and rows, gate gradient times memory.</summary>
    /// <param name="kernels">The kernel path.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="gates">Gradients of the gates before their activation, rows <paramref name="gatesRow"/> floats apart; zeros past the end of a row.</param>
    /// <param name="gatesRow">Floats per row of gates.</param>
    /// <param name="before">The memories before each step [rows, H].</param>
    /// <param name="after">The memories that each step computed [rows, H].</param>
    /// <param name="gradient">Receives the gradients [peepholes, H]; null if not wanted.</param>
    /// <param name="rows">Rows of all steps.</param>
    /// <param name="hidden">H.</param>
    public static void AddGradients(CpuKernels kernels, CellDescriptor cell, float* gates, nint gatesRow, float* before, float* after, float* gradient,
        int rows, int hidden)
    {
        if (gradient == null) return;
        for (var i = 0; i < cell.Peepholes.Length; i++)
        {
            float* gate = gates + (nint)cell.Peepholes[i] * hidden, memory = cell.Peepholes[i] == cell.Gates - 1 ? after : before,
                sum = gradient + (nint)i * hidden;
            for (nint row = 0; row < rows; row++) kernels.MultiplyAdd(gate + row * gatesRow, memory + row * hidden, sum, hidden);
        }
    }
}
