namespace Microsoft.ML.Recurrent.Model;

/// <summary>The key values of a column of tokens beside the first one, from key 1 on.</summary>
internal sealed record ColumnVocabulary(string Column, LabelManifest Keys);
