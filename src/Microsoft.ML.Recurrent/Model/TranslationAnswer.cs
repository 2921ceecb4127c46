namespace Microsoft.ML.Recurrent.Model;

/// <summary>What a column of a translation holds: of the best text, or of all that were found.</summary>
internal enum TranslationAnswer { Text, Tokens, LogProbability, Score, IsComplete, Texts, Scores, Attention }
