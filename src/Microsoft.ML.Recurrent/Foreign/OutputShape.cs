using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>The element type and the sizes of an output in a run.</summary>
internal sealed record OutputShape(TensorElementType Type, long[] Sizes);
