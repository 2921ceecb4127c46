using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>A state of a foreign graph: the input that takes it, and the output that gives the next one.</summary>
internal sealed record StatePair(ValueInfoProto Input, ValueInfoProto Output);
