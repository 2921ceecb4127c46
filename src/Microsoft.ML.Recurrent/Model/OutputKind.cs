namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// What an output column holds: float [batch, Size], bool [batch, 1], a 1-based key value as int64 [batch, 1], or whole numbers, int64 [batch, Size].
/// </summary>
internal enum OutputKind { Single, Boolean, Key, Int64 }
