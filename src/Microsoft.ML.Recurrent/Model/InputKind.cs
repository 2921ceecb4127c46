namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// What an input column holds: numbers a step (float [batch, time, features]), token ids (int64 [batch, time]), numbers a row (float [batch, n]), numbers that
/// are known ahead of each step that is forecast (float [batch, horizon, n]), or, of a foreign graph, whole numbers a row (int64 [batch, n]).
/// </summary>
internal enum InputKind { Sequence, Tokens, Static, Integers, Future }
