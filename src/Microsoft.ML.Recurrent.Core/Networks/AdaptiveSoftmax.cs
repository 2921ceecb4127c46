using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The rare outputs of a network whose last layer is an adaptive softmax (Grave et al. 2017): beside the head's linear layer, which has the frequent outputs
/// and one for each cluster, a projection and a matrix for each cluster. The outputs of the network are then log-probabilities.
/// </summary>
/// <remarks>
/// Outputs keep their ids: each has a place, by which the head has the first and the clusters have the others. Names begin as those of the head, to which the
/// parameters belong.
/// </remarks>
internal sealed class AdaptiveSoftmax
{
    /// <summary>The name of the parameter of places, and the beginnings of those of the clusters, which are numbered from 1.</summary>
    public const string PlacesName = "head.places", ProjectionName = "head.projection_", WeightName = "head.tail_";

    // Places are Singles: larger numbers are not all there.
    private const int MostOutputs = 1 << 24;

    private readonly AdaptiveSoftmaxDescription _description;
    private readonly DenseLayer _head;
    private readonly (Parameter Projection, Parameter Weight)[] _clusters;
    private readonly SoftmaxTail[] _tails;

    /// <param name="network">The network.</param>
    /// <param name="head">Its linear layer, which has <see cref="AdaptiveSoftmaxDescription.HeadUnits"/>.</param>
    /// <exception cref="ArgumentException">The cutoffs do not divide the outputs, or the network has other outputs than one set of classes a step.</exception>
    public AdaptiveSoftmax(NetworkDescription network, DenseLayer head)
    {
        (_description, _head) = (network.AdaptiveSoftmax!, head);
        Check(network);
        Places = new Parameter(PlacesName, new Shape(network.Outputs), trainable: false);
        for (var id = 0; id < network.Outputs; id++) Places.Value[id] = id;
        var inputs = head.Weight.Shape[1];
        _clusters = [.. Enumerable.Range(0, _description.Cutoffs.Length).Select(i =>
        {
            var (start, end) = _description.Cluster(i, network.Outputs);
            var width = AdaptiveCutoffs.Width(inputs, _description.Divisor, i + 1);
            return (new Parameter(FormattableString.Invariant($"{ProjectionName}{i + 1}"), new Shape(width, inputs)),
                new Parameter(FormattableString.Invariant($"{WeightName}{i + 1}"), new Shape(end - start, width)));
        })];
        _tails = [.. _clusters.Select(cluster => new SoftmaxTail(cluster.Projection.Value, cluster.Weight.Value))];
    }

    /// <summary>The place of each output; at first its id.</summary>
    public Parameter Places { get; }

    /// <summary>The weights of the clusters: of each its projection and its matrix.</summary>
    public IEnumerable<Parameter> Weights => _clusters.SelectMany(cluster => new[] { cluster.Projection, cluster.Weight });

    /// <summary>All parameters.</summary>
    public IEnumerable<Parameter> Parameters => [Places, .. Weights];

    /// <summary>Glorot uniform weights.</summary>
    public void Initialize(ulong seed)
    {
        foreach (var weight in Weights) Initializer.GlorotUniform(weight, weight.Shape[1], weight.Shape[0], seed);
    }

    /// <summary>Gives frequent outputs the first places.</summary>
    public void Order(FrequencyOrder order)
    {
        for (var id = 0; id < order.Count; id++) Places.Value[id] = order.Rank(id);
    }

    /// <summary>The mean of -log p, [1]; rows with a negative label are ignored.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="states">[..., n]: what reaches the head.</param>
    /// <param name="labels">One id for each row; negative for none.</param>
    public Tensor Loss(Tape tape, Tensor states, ReadOnlySpan<int> labels)
    {
        var places = tape.RentIntegers(labels.Length);
        for (var row = 0; row < labels.Length; row++)
        {
            if (labels[row] >= Places.Value.Length)
                throw new ArgumentOutOfRangeException(nameof(labels), labels[row], $"The ids of the vocabulary are 0 to {Places.Value.Length - 1}.");
            places[row] = labels[row] < 0 ? -1 : (int)Places.Value[labels[row]];
        }
        return AdaptiveSoftmaxLoss.Apply(tape, states, _head.Weight.Value, _head.Bias.Value, _tails, places.AsSpan(0, labels.Length));
    }

    /// <summary>The log-probabilities of all outputs, by id, [..., outputs].</summary>
    public Tensor LogProbabilities(Tape tape, Tensor states)
    {
        var ids = tape.RentIntegers(Places.Value.Length);
        for (var id = 0; id < Places.Value.Length; id++) ids[(int)Places.Value[id]] = id;
        return AdaptiveSoftmaxLoss.LogProbabilities(tape, states, _head.Weight.Value, _head.Bias.Value, _tails, ids);
    }

    /// <summary>
    /// The adaptive softmax of a network that continues from another whose outputs may have other ids: outputs stay in their part, new ones join the last.
    /// </summary>
    /// <param name="source">The network of the initial model.</param>
    /// <param name="ids">The id there of each output here, negative for a new one.</param>
    public static AdaptiveSoftmaxDescription Continue(Network source, ReadOnlySpan<int> ids)
    {
        var (there, sizes) = (source.AdaptiveSoftmax!, new int[source.Description.AdaptiveSoftmax!.Cutoffs.Length + 1]);
        foreach (var id in ids) sizes[id < 0 ? sizes.Length - 1 : there.PartOf((int)there.Places.Value[id])]++;
        var end = 0;
        return there._description with { Cutoffs = [.. sizes.SkipLast(1).Select(size => end += size)] };
    }

    /// <summary>Copies the weights of the initial model; those of new outputs stay.</summary>
    /// <param name="source">The network of the initial model.</param>
    /// <param name="ids">The id there of each output here, negative for a new one.</param>
    public void CopyFrom(Network source, ReadOnlySpan<int> ids)
    {
        var there = source.AdaptiveSoftmax!;
        // Outputs keep their order, new ones come last.
        var order = new (int Place, int Id)[ids.Length];
        for (var id = 0; id < ids.Length; id++) order[id] = (ids[id] < 0 ? int.MaxValue : (int)there.Places.Value[ids[id]], id);
        Array.Sort(order);
        for (var place = 0; place < order.Length; place++)
        {
            Places.Value[order[place].Id] = place;
            if (order[place].Place == int.MaxValue) continue;
            var (from, row) = there.RowOf(order[place].Place);
            var (to, own) = RowOf(place);
            var columns = to.Shape.Columns;
            from.Value.Span.Slice(row * columns, columns).CopyTo(to.Value.Span[(own * columns)..]);
            if (place < _description.Cutoffs[0]) _head.Bias.Value[place] = there._head.Bias.Value[order[place].Place];
        }
        for (var cluster = 0; cluster < _clusters.Length; cluster++)
        {
            var (row, own, columns) = (there._description.Cutoffs[0] + cluster, _description.Cutoffs[0] + cluster, _head.Weight.Shape.Columns);
            there._head.Weight.Value.Span.Slice(row * columns, columns).CopyTo(_head.Weight.Value.Span[(own * columns)..]);
            _head.Bias.Value[own] = there._head.Bias.Value[row];
            there._clusters[cluster].Projection.Value.Span.CopyTo(_clusters[cluster].Projection.Value.Span);
        }
    }

    // 0 for the head, then the number of the cluster.
    private int PartOf(int place)
    {
        var part = 0;
        while (part < _description.Cutoffs.Length && place >= _description.Cutoffs[part]) part++;
        return part;
    }

    private (Parameter Weight, int Row) RowOf(int place) => PartOf(place) is > 0 and var part
        ? (_clusters[part - 1].Weight, place - _description.Cutoffs[part - 1])
        : (_head.Weight, place);

    private void Check(NetworkDescription network)
    {
        if (!network.PerStep || network.TieHead || network.Crf || network.Ngrams is not null || network.Outputs > MostOutputs)
        {
            throw new ArgumentException("An adaptive softmax needs per-step outputs, at most 2^24 of them, and a head with weights of its own.",
                nameof(network));
        }
        var cutoffs = _description.Cutoffs;
        if (cutoffs.IsEmpty || cutoffs[0] < 1 || cutoffs[^1] >= network.Outputs || cutoffs.Zip(cutoffs.Skip(1), (a, b) => a >= b).Any(wrong => wrong)
            || !(_description.Divisor >= 1))
        {
            throw new ArgumentException($"The cutoffs {string.Join(", ", cutoffs)} do not divide {network.Outputs} outputs, or the divisor "
                + $"{_description.Divisor} is less than 1.", nameof(network));
        }
    }
}
