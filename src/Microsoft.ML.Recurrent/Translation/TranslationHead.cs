using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The head of a translation, which measures texts that the network writes as well.</summary>
/// <param name="network">The network.</param>
/// <param name="manifest">What its ids mean.</param>
/// <param name="smoothing">The label smoothing of training.</param>
internal sealed class TranslationHead(Network network, TranslationManifest manifest, float smoothing)
    : TokenDecoderHead(network.Description.Outputs, smoothing)
{
    public override Metric? CreateMetric(ValidationMetric metric) => metric is ValidationMetric.Bleu ? new BleuMetric(network, manifest) : null;
}
