using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// What a model file holds beside its graph, as JSON texts in the ONNX metadata. A foreign graph that is scored as it is has no network's description.
/// </summary>
internal sealed record ModelMetadata(ModelManifest Manifest, NetworkDescription? Network, TrainingHistory History);
