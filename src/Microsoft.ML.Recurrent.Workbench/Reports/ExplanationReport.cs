using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The content of a page of explanations: what each step of some sequences contributed to a model's score.</summary>
public sealed record ExplanationReport
{
    /// <summary>The title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences under the title: the data, the model, the score that is explained.</summary>
    public required string Introduction { get; init; }

    /// <summary>The explained sequences.</summary>
    public required ImmutableArray<ExplainedSequence> Sequences { get; init; }

    /// <summary>The network, layer by layer; empty to leave it out.</summary>
    public string ModelSummary { get; init; } = "";
}

/// <summary>A sequence and what its steps contributed (<c>mlContext.Transforms.CalculateStepContributions</c>).</summary>
public sealed record ExplainedSequence
{
    /// <summary>The name of the sequence: a number of a row, or an identifier.</summary>
    public required string Name { get; init; }

    /// <summary>What the model answered, as text.</summary>
    public required string Answer { get; init; }

    /// <summary>The steps: words, or their numbers.</summary>
    public required ImmutableArray<string> Steps { get; init; }

    /// <summary>The contribution of each step.</summary>
    public required ImmutableArray<double> Contributions { get; init; }

    /// <summary>The weight of each step in attention pooling; empty for none.</summary>
    public ImmutableArray<double> Attention { get; init; } = [];
}
