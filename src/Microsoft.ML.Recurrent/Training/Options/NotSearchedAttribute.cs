namespace Microsoft.ML.Recurrent;

/// <summary>Takes options out of the search: those that have no effect on this trainer, or that its data fix.</summary>
/// <param name="paths">The paths of the options, from this class on.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NotSearchedAttribute(params string[] paths) : Attribute
{
    public IReadOnlyList<string> Paths => paths;
}
