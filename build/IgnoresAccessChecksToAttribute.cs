namespace System.Runtime.CompilerServices;

/// <summary>Tells the runtime that this assembly may use the internal members of the named one. The runtime finds it by name.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
