namespace Microsoft.ML.Recurrent.Model;

/// <summary>The options of a search for texts, as a model keeps them.</summary>
internal sealed record SearchManifest(int BeamSize, int NumberOfResults, LengthNormalization LengthNormalization, float LengthExponent, float CoveragePenalty,
    int MinimumLength, int? MaximumLength);
