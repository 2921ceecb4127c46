using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>A kind of program around the class of a model.</summary>
internal abstract class ProgramCode
{
    /// <summary>What its namespace ends in.</summary>
    public abstract string Suffix { get; }

    public virtual string Sdk => "Microsoft.NET.Sdk";

    public virtual string? OutputType => null;

    public virtual ImmutableArray<string> Packages => [];

    /// <summary>The files of the program, with their contents.</summary>
    public abstract IEnumerable<(string Name, string Text)> Files(GeneratedModel model, ModelCode code, string @namespace);
}
