namespace Microsoft.ML.Recurrent.Model;

/// <summary>From the order of the gates' blocks in a network, which is PyTorch's, to that in a file (see CellDescriptor.FileOrder), and back.</summary>
internal static class GateOrder
{
    /// <summary>The network's blocks in ONNX's order.</summary>
    public static void ToOnnx(ReadOnlySpan<float> network, Span<float> onnx, ReadOnlySpan<int> order)
    {
        int block = network.Length / order.Length;
        for (int i = 0; i < order.Length; i++) network.Slice(order[i] * block, block).CopyTo(onnx[(i * block)..]);
    }

    /// <summary>ONNX's blocks in the network's order.</summary>
    public static void ToNetwork(ReadOnlySpan<float> onnx, Span<float> network, ReadOnlySpan<int> order)
    {
        int block = network.Length / order.Length;
        for (int i = 0; i < order.Length; i++) onnx.Slice(i * block, block).CopyTo(network[(order[i] * block)..]);
    }
}
