namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>The order of the gates' blocks: the network has PyTorch's (LSTM i, f, g, o; GRU r, z, n), an ONNX node its own (i, o, f, c; z, r, h).</summary>
internal static class GateOrder
{
    /// <summary>For each of ONNX's blocks, its place in the network's.</summary>
    public static int[] Of(RecurrentCell cell) => cell switch
    {
        RecurrentCell.Lstm => [0, 3, 1, 2],
        RecurrentCell.Gru => [1, 0, 2],
        _ => [0],
    };

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
