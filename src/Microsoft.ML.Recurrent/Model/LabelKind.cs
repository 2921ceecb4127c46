namespace Microsoft.ML.Recurrent.Model;

/// <summary>The type of the label column of a classifier.</summary>
internal enum LabelKind { Text, Single, Double, Boolean, Byte, UInt16, UInt32, UInt64, Int32, Int64 }
