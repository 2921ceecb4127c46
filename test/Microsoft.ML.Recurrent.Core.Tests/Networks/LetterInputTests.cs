using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>The network over letters reads each different word of a batch once: words that come again have its vector, and their gradients add up.</summary>
[TestClass]
public class LetterInputTests
{
    private const int Alphabet = 9, Longest = 5, Size = 4;
    // Two words with a common beginning, one that comes thrice, one of padding.
    private static readonly int[][] s_words = [[2, 3, 4], [2, 3], [5, 6, 7, 8, 2], [2, 3, 4], [], [2, 3, 4], [3, 2], [1]];

    public static IEnumerable<object[]> Encoders =>
        [[SequenceNetwork.Create().Embedding(3, "c").Convolution(Size, 3, name: "conv").Pool(SequencePooling.Max, "pool")],
            [SequenceNetwork.Create().Embedding(3, "c").Lstm(Size / 2, bidirectional: true, name: "lstm").Pool(SequencePooling.Last, "pool")]];

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void Words_that_come_again_have_one_vector_and_the_sum_of_gradients(SequenceNetwork encoder)
    {
        float[] scales = [1, -2, 0.5f, 3, 0.7f, -1.5f, 2, 0.3f];
        var together = Run(encoder, s_words, scales);
        var alone = s_words.Select((word, i) => Run(encoder, [word], [scales[i]])).ToArray();
        for (var i = 0; i < s_words.Length; i++)
            CollectionAssert.AreEqual(alone[i].Vectors, together.Vectors[(i * Size)..((i + 1) * Size)], $"word {i}");
        for (var at = 0; at < together.Gradients.Length; at++)
            Assert.AreEqual(alone.Sum(one => one.Gradients[at]), together.Gradients[at], 1e-5f * (1 + Math.Abs(together.Gradients[at])), $"gradient {at}");
        NumberAssert.IsGreaterThan(0.1f, together.Gradients.Max(Math.Abs));
    }

    [TestMethod]
    public void Different_words_are_told_apart()
    {
        var random = new Random(1);
        const int count = 3000, time = 4;
        var (letters, lengths) = (new int[time * count], new int[count]);
        for (var word = 0; word < count; word++)
        {
            lengths[word] = 1 + random.Next(time);
            for (var t = 0; t < lengths[word]; t++) letters[t * count + word] = 1 + random.Next(6);
        }
        var words = DistinctWords.Find(letters, lengths, time, count);
        string Text(int[] of, int[] counts, int width, int word) => string.Join(' ', Enumerable.Range(0, counts[word]).Select(t => of[t * width + word]));
        string[] texts = [.. Enumerable.Range(0, count).Select(word => Text(letters, lengths, count, word))];
        Assert.AreEqual(texts.Distinct().Count(), words.Count);
        for (var word = 0; word < count; word++) Assert.AreEqual(texts[word], Text(words.Letters, words.Lengths, words.Count, words.Places[word]));
    }

    private static (float[] Vectors, float[] Gradients) Run(SequenceNetwork encoder, int[][] words, float[] scales)
    {
        var inputs = new LetterInputs(new(Alphabet, Longest, encoder.Layers()));
        foreach (var layer in inputs.Layers) layer.Initialize(3);
        using var batch = new SequenceBatch();
        batch.Resize(1, words.Length, 0, tokens: true);
        batch.ResizeLetters(Longest);
        for (var word = 0; word < words.Length; word++)
        {
            batch.LetterLengths![word] = Math.Max(1, words[word].Length);
            for (var t = 0; t < words[word].Length; t++) batch.Letters![t * words.Length + word] = words[word][t];
        }
        using var tape = new Tape(1) { Training = true };
        var vectors = inputs.Forward(tape, batch);
        var values = vectors.Span.ToArray();
        var upstream = Tape.GradientOf(vectors)!.Span;
        for (var i = 0; i < upstream.Length; i++) upstream[i] = scales[i / Size] * (1 + i % Size);
        tape.Backward();
        var parameters = inputs.Layers.SelectMany(layer => layer.Parameters).ToArray();
        float[] gradients = [.. parameters.SelectMany(parameter => parameter.Gradient.Span.ToArray())];
        foreach (var parameter in parameters) parameter.Dispose();
        return (values, gradients);
    }
}
