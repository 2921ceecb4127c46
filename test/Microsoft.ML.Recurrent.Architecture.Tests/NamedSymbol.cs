using Microsoft.CodeAnalysis;

namespace Microsoft.ML.Recurrent.Architecture.Tests;

/// <summary>A place of the source that names a symbol, or means one without its name (<c>new()</c>, an index).</summary>
/// <param name="Node">The place.</param>
/// <param name="Symbol">A type or a member; of a name that may be several overloads (<c>nameof</c>) there is one of these for each.</param>
internal readonly record struct NamedSymbol(SyntaxNode Node, ISymbol Symbol);
