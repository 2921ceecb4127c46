namespace Microsoft.ML.Recurrent.Model;

/// <summary>The type of a classifier's label column.</summary>
internal enum LabelKind { Text, Single, Double, Boolean, Byte, UInt16, UInt32, UInt64, Int32, Int64 }
