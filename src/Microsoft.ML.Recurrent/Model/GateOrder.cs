namespace Microsoft.ML.Recurrent.Model;

/// <summary>Converts the order of gate blocks between a network (PyTorch's order) and a file (see CellDescriptor.FileOrder).</summary>
internal static class GateOrder
{
    /// <summary>Reorders the blocks of a network to ONNX's order.</summary>
    public static void ToOnnx(ReadOnlySpan<float> network, Span<float> onnx, ReadOnlySpan<int> order)
    {
        var block = network.Length / order.Length;
        for (var i = 0; i < order.Length; i++) network.Slice(order[i] * block, block).CopyTo(onnx[(i * block)..]);
    }

    /// <summary>Reorders ONNX's blocks to the order of a network.</summary>
    public static void ToNetwork(ReadOnlySpan<float> onnx, Span<float> network, ReadOnlySpan<int> order)
    {
        var block = network.Length / order.Length;
        for (var i = 0; i < order.Length; i++) onnx.Slice(i * block, block).CopyTo(network[(order[i] * block)..]);
    }
}
