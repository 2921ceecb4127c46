namespace Microsoft.ML.Recurrent;

/// <summary>Declares what an experiment tries for an option (<see cref="SearchSpace"/>).</summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class SearchAttribute : Attribute;
