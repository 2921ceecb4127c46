using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>
/// <c>-- autoencoder</c>: the evidence lower bound of the test part of ECG200 by a variational autoencoder, here and in PyTorch by the same recipe: LSTM of 64
/// to 16 latent variables to LSTM of 64, a fixed scale of the likelihood, Adam with 0.001, batches of 20, clipped to a norm of 10, the weight of the divergence
/// rising over 20 epochs, 64 draws for each test row.
/// </summary>
internal static class AutoencoderCommand
{
    private const string Section = "autoencoder";

    private const int Annealing = 20, Draws = 64;

    // Weights begin as here: Glorot uniform gate by gate, orthogonal, zero biases, those of forget gates 1.
    private const string Script = """
        import math, sys, time, torch
        from torch import nn
        folder, seed, epochs, warm, sigma, draws = sys.argv[1], *map(int, sys.argv[2:5]), float(sys.argv[5]), int(sys.argv[6])
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        hidden, latent, batch = 64, 16, 20

        def read(part):
            with open(f"{folder}/{part}.csv") as lines:
                return torch.tensor([[float(x) for x in line.split(",")[1:]] for line in list(lines)[1:]])

        train, test = read("train"), read("test")
        mean, scale = train.mean(), train.std(unbiased=False)
        train, test = (((x - mean) / scale).unsqueeze(2) for x in (train, test))

        def lstm(inputs):
            layer = nn.LSTM(inputs, hidden, batch_first=True)
            for name, parameter in layer.named_parameters():
                for gate in parameter.data.chunk(4):
                    if "weight_ih" in name: nn.init.xavier_uniform_(gate)
                    elif "weight_hh" in name: nn.init.orthogonal_(gate)
                    else: nn.init.zeros_(gate)
            layer.bias_ih_l0.data.chunk(4)[1].fill_(1)
            return layer

        def dense(inputs, outputs):
            layer = nn.Linear(inputs, outputs)
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
            return layer

        encoder, posterior, decoder, output = lstm(1), dense(hidden, 2 * latent), lstm(latent), dense(hidden, 1)
        weights = [p for module in (encoder, posterior, decoder, output) for p in module.parameters()]
        optimizer = torch.optim.Adam(weights, lr=1e-3)

        def terms(x):
            m, v = posterior(encoder(x)[1][0][0]).chunk(2, 1)
            z = m + (v / 2).exp() * torch.randn_like(m)
            y = output(decoder(z.unsqueeze(1).expand(-1, x.shape[1], -1))[0])
            cost = ((y - x) / sigma) ** 2 / 2 + math.log(sigma) + math.log(2 * math.pi) / 2
            return cost.sum((1, 2)), (v.exp() + m ** 2 - 1 - v).sum(1) / 2

        began, step, rounds = time.perf_counter(), 0, math.ceil(len(train) / batch)
        for epoch in range(epochs):
            order = torch.randperm(len(train))
            for start in range(0, len(train), batch):
                cost, kl = terms(train[order[start:start + batch]])
                optimizer.zero_grad()
                (cost.mean() + min(1, step / (warm * rounds)) * kl.mean()).backward()
                nn.utils.clip_grad_norm_(weights, 10)
                optimizer.step()
                step += 1
        took = time.perf_counter() - began
        with torch.no_grad():
            drawn = [terms(test) for _ in range(draws)]
            likelihood = -torch.stack([cost for cost, _ in drawn]).mean().item() - test.shape[1] * math.log(scale.item())
            print(torch.__version__, likelihood, drawn[0][1].mean().item(), took)
        """;

    /// <param name="seeds">The seeds.</param>
    /// <param name="epochs">Epochs.</param>
    /// <param name="scale">The standard deviation of the likelihood.</param>
    /// <param name="python">The Python that has PyTorch; null to train here alone.</param>
    /// <param name="docs">A documentation page whose table the figures replace; null for none.</param>
    public static int Run(int[] seeds, int epochs, float scale, string? python, string? docs)
    {
        var folder = Repository.Shared("data", "ecg200");
        List<string[]> rows = [];
        List<double> ours = [], theirs = [];
        var name = "PyTorch";
        foreach (var seed in seeds)
        {
            var (own, seconds) = Train(folder, seed, epochs, scale);
            if (python is null)
            {
                Console.WriteLine($"{seed} | {Terms(own.LogLikelihood, own.KlDivergence)} | {Text(seconds)}");
                continue;
            }
            var (version, likelihood, divergence, took) = Peer(python, folder, [seed, epochs, Annealing, scale, Draws]);
            ours.Add(own.EvidenceLowerBound);
            theirs.Add(likelihood - divergence);
            name = $"PyTorch {version}";
            rows.Add([$"{seed}", Terms(own.LogLikelihood, own.KlDivergence), Terms(likelihood, divergence), Text(seconds), Text(took)]);
            Console.Error.WriteLine(string.Join(" | ", rows[^1]));
        }
        if (python is null) return 0;
        var (here, there) = (ours.Average(), theirs.Average());
        rows.Add(["mean", Text(here), Text(there), "", ""]);
        var text = MarkedSection.Table(["seed", "ELBO (log-likelihood, divergence)", name, "seconds of training", $"{name}, seconds"], rows)
            + string.Create(CultureInfo.InvariantCulture, $"\nThe means differ by {100 * Math.Abs(here - there) / Math.Abs(there):F1}%.\n");
        Console.Write(text);
        if (docs is not null) MarkedSection.Replace(docs, Section, text);
        return Math.Abs(here - there) <= 0.02 * Math.Abs(there) ? 0 : 1;

        static string Terms(double likelihood, double divergence) => $"{Text(likelihood - divergence)} ({Text(likelihood)}, {Text(divergence)})";

        static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
    }

    private static (RecurrentAutoencoderMetrics Metrics, double Seconds) Train(string folder, int seed, int epochs, float scale)
    {
        var mlContext = new MLContext(seed);
        var trainer = mlContext.Transforms.EncodeBySequenceAutoencoder(new RecurrentAutoencoderTrainer.Options
        {
            InputColumnName = "Series",
            Network = { HiddenSize = 64 },
            Latent = { Size = 16, KlAnnealingEpochs = Annealing },
            Reconstruction = { Scale = scale },
            Optimizer = { LearningRate = 1e-3f, BatchSize = 20, Gradients = { ClipNorm = 10 } },
            Stopping = { MaximumNumberOfEpochs = epochs, ValidationFraction = 0 },
            NumberOfThreads = 1,
        });
        IDataView train = Read(mlContext, folder, "train"), test = Read(mlContext, folder, "test");
        var clock = Stopwatch.StartNew();
        using var model = trainer.Fit(train);
        return (model.Evaluate(test, Draws), clock.Elapsed.TotalSeconds);
    }

    private static IDataView Read(MLContext mlContext, string folder, string part) => mlContext.Data.LoadFromTextFile(Path.Combine(folder, part + ".csv"),
        [new("Series", DataKind.Single, 1, 96)], separatorChar: ',', hasHeader: true);

    private static (string Version, double Likelihood, double Divergence, double Seconds) Peer(string python, string folder, double[] recipe)
    {
        string[] numbers = [.. recipe.Select(value => value.ToString(CultureInfo.InvariantCulture))];
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", Script, folder, .. numbers]) { RedirectStandardOutput = true })!;
        var parts = process.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (process.ExitCode != 0 || parts.Length != 4) throw new InvalidOperationException($"PyTorch has ended with {process.ExitCode}.");
        return (parts[0], Number(parts[1]), Number(parts[2]), Number(parts[3]));

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
