namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// The kind of an input column: numbers per step (float [batch, time, features]), token ids (int64 [batch, time]), static numbers (float [batch, n]), future
/// covariates (float [batch, horizon, n]), for a foreign graph, integers per row (int64 [batch, n]), the letters of each token (int64 [batch, time, n]),
/// or, for a foreign graph, integers per step (int64 [batch, time, n]) or texts (string [batch, n]).
/// </summary>
internal enum InputKind { Sequence, Tokens, Static, Integers, Future, Letters, IntegerSteps, Text }
