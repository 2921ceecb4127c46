using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>The metadata records of a model file, as JSON in the ONNX metadata. A foreign graph scored unchanged has no network description.</summary>
internal sealed record ModelMetadata(ModelManifest Manifest, NetworkDescription? Network, TrainingHistory History);
