namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// The kind of an output column: float [batch, Size], bool [batch, 1], a 1-based key value as int64 [batch, 1] ([batch, time, 1] per step), integers, int64
/// [batch, Size], or double [batch, Size]. Texts are of columns that no graph writes.
/// </summary>
internal enum OutputKind { Single, Boolean, Key, Int64, Double, Text }
