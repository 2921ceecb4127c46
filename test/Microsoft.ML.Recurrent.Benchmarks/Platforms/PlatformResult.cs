using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks.Platforms;

/// <summary>What one model became on a platform.</summary>
/// <param name="Name">The model's name, which is its file's too.</param>
/// <param name="Weights">All trained numbers, parameter after parameter.</param>
/// <param name="Losses">Training and validation loss of every epoch.</param>
/// <param name="Scores">The answers to the data that it was trained on; null where nothing was scored.</param>
internal sealed record PlatformModelResult(string Name, float[] Weights, double[] Losses, float[]? Scores);

/// <summary>What all models became on a platform: the file that another platform's run is compared with.</summary>
internal sealed record PlatformResult(string Platform, IReadOnlyList<PlatformModelResult> Models)
{
    private const string FileName = "platform.json";

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this));

    public static PlatformResult Read(string folder) => JsonSerializer.Deserialize<PlatformResult>(File.ReadAllText(Path.Combine(folder, FileName)))
        ?? throw new InvalidDataException($"{Path.Combine(folder, FileName)} is empty.");
}
