namespace Microsoft.ML.Recurrent;

/// <summary>A group of options: <see cref="OptionCopies"/> copies it with the options that hold it.</summary>
internal interface IOptionGroup;
