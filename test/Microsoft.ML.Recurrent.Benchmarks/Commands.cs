using System.CommandLine;
using Microsoft.ML.Recurrent.Benchmarks.Defaults;
using Microsoft.ML.Recurrent.Benchmarks.Gpu;
using Microsoft.ML.Recurrent.Benchmarks.Platforms;
using Microsoft.ML.Recurrent.Benchmarks.Publishing;
using Microsoft.ML.Recurrent.Benchmarks.Scoring;
using Microsoft.ML.Recurrent.Benchmarks.Search;
using Microsoft.ML.Recurrent.Benchmarks.Translation;
using Microsoft.ML.Recurrent.Tests.Fixtures;

namespace Microsoft.ML.Recurrent.Benchmarks;

// Microsoft.ML has a namespace of that name.
using Command = System.CommandLine.Command;

/// <summary>The command line: one command a benchmark, each in a file of its own.</summary>
internal static class Commands
{
    public static RootCommand Root()
    {
        var root = new RootCommand("Benchmarks of Microsoft.ML.Recurrent");
        root.Subcommands.Add(Training());
        root.Subcommands.Add(Kernels());
        root.Subcommands.Add(PennTreebank());
        root.Subcommands.Add(Shakespeare());
        root.Subcommands.Add(Scoring());
        root.Subcommands.Add(OnGpu());
        root.Subcommands.Add(Platform());
        root.Subcommands.Add(Soak());
        root.Subcommands.Add(SoakPartOf());
        root.Subcommands.Add(Streaming());
        root.Subcommands.Add(Scale());
        root.Subcommands.Add(Carried());
        root.Subcommands.Add(Publishing());
        root.Subcommands.Add(Baselines());
        root.Subcommands.Add(Tagging());
        root.Subcommands.Add(Autoencoder());
        root.Subcommands.Add(Translation());
        root.Subcommands.Add(Vocabulary());
        root.Subcommands.Add(Accuracy());
        root.Subcommands.Add(Defaults());
        root.Subcommands.Add(Search());
        root.Subcommands.Add(Fixtures());
        return root;
    }

    private static Option<string?> Only() => new("--only") { Description = "Names of configurations, with commas between them" };

    private static Option<int> Threads() => new("--threads") { Description = "Threads on both sides", DefaultValueFactory = _ => 1 };

    private static Command Training()
    {
        Option<string?> only = Only(), json = new("--json") { Description = "File for the figures" },
            chart = new("--chart") { Description = "SVG file for the chart" };
        Option<string?> report = new("--report") { Description = "Markdown page whose part <!-- training --> the tables replace" };
        Option<string> threads = new("--threads")
        {
            Description = "Threads on both sides; several runs with commas between them",
            DefaultValueFactory = _ => "1"
        };
        var python = Python();
        Option<string> script = new("--peer") { Description = "The peer's script", DefaultValueFactory = _ => Repository.Shared("bench", "peer_pytorch.py") };
        Option<bool> torchSharp = new("--torchsharp") { Description = "Measure TorchSharp too; its project, which brings 600 MB, is built first" };
        Option<string?> torchSharpProgram = new("--torchsharp-program") { Description = "TorchSharp's program, where it was built before" };
        var command = new Command("training", "Training steps beside PyTorch's") { only, threads, json, chart, report, python, script, torchSharp,
            torchSharpProgram };
        command.SetAction(result => TrainingCommand.Run(new TrainingOptions(
            result.GetValue(only), [.. result.GetValue(threads)!.Split(',').Select(int.Parse)], result.GetValue(json), result.GetValue(chart),
            result.GetValue(report),
            result.GetValue(python)!, result.GetValue(script)!, result.GetValue(torchSharp), result.GetValue(torchSharpProgram))));
        return command;
    }

    private static Command Scoring()
    {
        Option<string?> json = new("--json") { Description = "File for the figures" }, docs = Docs();
        var threads = Threads();
        var python = Python();
        var command = new Command("scoring", "Scoring an LSTM of 64 over 50 steps, beside ONNX Runtime, ML.NET's OnnxTransformer and PyTorch") { json, docs,
            threads, python };
        command.SetAction(result => ScoringCommand.Run(new(result.GetValue(threads), result.GetValue(python)!, result.GetValue(json), result.GetValue(docs))));
        return command;
    }

    private static Command Streaming()
    {
        Option<int> series = new("--series") { Description = "Series", DefaultValueFactory = _ => 10_000 },
            length = new("--length") { Description = "Rows of each", DefaultValueFactory = _ => 1000 };
        Option<int?> rows = new("--rows-in-memory") { Description = "The option MaximumRowsInMemory; 0 for all", DefaultValueFactory = _ => 200_000 };
        Option<int> epochs = new("--epochs") { Description = "Epochs", DefaultValueFactory = _ => 1 }, threads = Threads();
        Option<int?> stride = new("--stride") { Description = "The option TrainingStride" };
        var command = new Command("streaming", "Learns a forecaster of many series from disk, with its memory and its rate") { series, length, rows, epochs,
            threads, stride };
        command.SetAction(result => StreamingCommand.Run(new(result.GetValue(series), result.GetValue(length),
            result.GetValue(rows) is > 0 and var most ? most : null, result.GetValue(epochs), result.GetValue(threads), result.GetValue(stride))));
        return command;
    }

    private static Command Scale()
    {
        Option<string> rows = new("--rows")
        {
            Description = "Numbers of rows with commas between them, in series of 1,000",
            DefaultValueFactory = _ => "100000,1000000,10000000"
        };
        Option<int> epochs = new("--epochs") { Description = "Epochs", DefaultValueFactory = _ => 2 },
            inMemory = new("--rows-in-memory") { Description = "The option MaximumRowsInMemory", DefaultValueFactory = _ => 200_000 };
        Option<string?> json = new("--json") { Description = "File for the figures" }, chart = new("--chart") { Description = "SVG file for the picture" },
            docs = Docs();
        var threads = Threads();
        var command = new Command("scale", "Time and memory of a fit by the number of rows, in memory and streamed from disk") { rows, inMemory, epochs,
            threads,
            json, chart, docs };
        command.SetAction(result => ScaleCommand.Run(new([.. result.GetValue(rows)!.Split(',').Select(int.Parse)], result.GetValue(inMemory),
            result.GetValue(epochs), result.GetValue(threads), result.GetValue(json), result.GetValue(chart), result.GetValue(docs))));
        return command;
    }

    private static Command Publishing()
    {
        Option<int> runs = new("--runs") { Description = "Runs of each program", DefaultValueFactory = _ => 15 };
        var docs = Docs();
        var command = new Command("publishing", "Size, start and memory of the smallest program that scores, published in every way") { runs, docs };
        command.SetAction(result => PublishingCommand.Run(new(result.GetValue(runs), result.GetValue(docs))));
        return command;
    }

    private static Command Carried()
    {
        Option<string> file = new("--file") { Description = "ETTh1.csv", DefaultValueFactory = _ => Repository.Shared("data", "ett", "ETTh1.csv") };
        var docs = Docs();
        var command = new Command("carried", "Forecasts of all rows of ETTh1 by a model that carries its state, beside one that reads windows") { file, docs };
        command.SetAction(result => CarriedCommand.Run(result.GetValue(file)!, result.GetValue(docs)));
        return command;
    }

    private static Command Baselines()
    {
        var command = new Command("baselines", "Milliseconds that the fitted baselines of back-tests take for 1,000 values");
        command.SetAction(_ => BaselinesCommand.Run());
        return command;
    }

    private static Command Tagging()
    {
        var threads = Threads();
        Option<bool> train = new("--train") { Description = "Train on ATIS with the defaults, too, and tell the seconds" };
        var command = new Command("tagging", "Tokens a second of taggers, with a soft-max and with a conditional random field") { threads, train };
        command.SetAction(result => TaggingCommand.Run(result.GetValue(threads), result.GetValue(train)));
        return command;
    }

    private static Command Autoencoder()
    {
        Option<string> seeds = new("--seeds") { Description = "Seeds with commas between them", DefaultValueFactory = _ => "1,2,3" };
        Option<int> epochs = new("--epochs") { Description = "Epochs", DefaultValueFactory = _ => 200 };
        Option<float> scale = new("--scale") { Description = "Standard deviation of the likelihood", DefaultValueFactory = _ => 1 };
        Option<bool> alone = new("--alone") { Description = "Train here alone, without PyTorch" };
        var python = Python();
        var docs = Docs();
        var command = new Command("autoencoder", "The evidence lower bound of ECG200 beside PyTorch's by the same recipe; fails if it differs by over 2%")
        {
            seeds, epochs, scale, alone, python, docs,
        };
        command.SetAction(result => AutoencoderCommand.Run([.. result.GetValue(seeds)!.Split(',').Select(int.Parse)], result.GetValue(epochs),
            result.GetValue(scale), result.GetValue(alone) ? null : result.GetValue(python), result.GetValue(docs)));
        return command;
    }

    private static Command Translation()
    {
        Option<string> data = new("--data")
        {
            Description = "The folder of train.tsv, valid.tsv and test.tsv",
            DefaultValueFactory = _ => Repository.Shared("data", "tatoeba_en_fr"),
        };
        Option<string> seeds = new("--seeds") { Description = "Seeds with commas between them", DefaultValueFactory = _ => "1,2,3" };
        Option<int> epochs = new("--epochs") { Description = "Epochs", DefaultValueFactory = _ => 8 },
            threads = new("--threads") { Description = "Threads on both sides", DefaultValueFactory = _ => 2 };
        Option<TranslationSide> side = new("--side") { Description = "Which sides run" };
        Option<bool> profile = new("--profile") { Description = "Trains one epoch and tells where its time goes; exact with one thread" };
        var python = Python();
        var docs = Docs();
        var command = new Command("translation", "Trains translation from English to French, here and in PyTorch: seconds, BLEU, sentences a second")
        {
            data, seeds, epochs, threads, side, profile, python, docs,
        };
        command.SetAction(result => TranslationCommand.Run(new(result.GetValue(data)!, [.. result.GetValue(seeds)!.Split(',').Select(int.Parse)],
            result.GetValue(epochs), result.GetValue(threads), result.GetValue(side), result.GetValue(profile), result.GetValue(python)!,
            result.GetValue(docs))));
        return command;
    }

    private static Command Shakespeare()
    {
        Option<string> file = new("--file")
        {
            Description = "The text",
            DefaultValueFactory = _ => Repository.Shared("data", "tiny_shakespeare", "input.txt")
        };
        Option<int> steps = new("--steps") { Description = "Training steps", DefaultValueFactory = _ => 4000 },
            every = new("--every") { Description = "Steps from one measurement to the next", DefaultValueFactory = _ => 250 },
            seed = new("--seed") { Description = "The seed", DefaultValueFactory = _ => 1 };
        Option<float> dropout = new("--dropout") { Description = "The option DropoutRate" };
        var threads = Threads();
        var command = new Command("shakespeare", "Bits a character of a language model of tiny_shakespeare while it learns")
        {
            file, steps, every, dropout, seed, threads,
        };
        command.SetAction(result => ShakespeareCommand.Run(new(result.GetValue(file)!, result.GetValue(steps), result.GetValue(every),
            result.GetValue(dropout), result.GetValue(seed), result.GetValue(threads))));
        return command;
    }

    private static Command Vocabulary()
    {
        Option<int> words = new("--words") { Description = "Words of the vocabulary", DefaultValueFactory = _ => 100_000 },
            hidden = new("--hidden") { Description = "Numbers of a state", DefaultValueFactory = _ => 400 },
            steps = new("--steps") { Description = "Training steps of an epoch", DefaultValueFactory = _ => 6 },
            epochs = new("--epochs") { Description = "Epochs, the fastest of which counts", DefaultValueFactory = _ => 3 };
        var threads = Threads();
        Option<string?> part = new("--part") { Description = "Only full, sampled or adaptive, in this process", Hidden = true }, docs = Docs();
        var command = new Command("vocabulary", "Training steps of a language model of many words: full, sampled and adaptive softmax") { words, hidden, steps,
            epochs, threads, part, docs };
        command.SetAction(result =>
        {
            var options = new VocabularyBenchmarkOptions(result.GetValue(words), result.GetValue(hidden), result.GetValue(steps), result.GetValue(epochs),
                result.GetValue(threads), result.GetValue(docs));
            return result.GetValue(part) is { } form ? VocabularyCommand.RunPart(form, options) : VocabularyCommand.Run(options);
        });
        return command;
    }

    private static Command Accuracy()
    {
        Option<string> against = new("--base") { Description = "The commit to compare with", DefaultValueFactory = _ => "HEAD" },
            seeds = new("--seeds") { Description = "Seeds with commas between them", DefaultValueFactory = _ => "1,2,3" },
            data = new("--data") { Description = "The folder of data sets", DefaultValueFactory = _ => Repository.Shared("data") };
        Option<string?> sets = new("--sets") { Description = "Names of sets, with commas between them" },
            json = new("--json") { Description = "File for all runs" },
            docs = Docs();
        var threads = Threads();
        var command = new Command("accuracy", "Time to accuracy: trains forecasters by an earlier commit and by this tree, in turn") { against, sets, seeds,
            threads, data, json, docs };
        command.SetAction(result => AccuracyCommand.Run(new(result.GetValue(against)!, Names(result.GetValue(sets)),
            [.. result.GetValue(seeds)!.Split(',').Select(int.Parse)], result.GetValue(threads), result.GetValue(data)!, result.GetValue(json),
            result.GetValue(docs))));
        return command;
    }

    private static Command Search()
    {
        Option<string> data = new("--data") { Description = "The folder of data sets", DefaultValueFactory = _ => Repository.Shared("data") };
        Option<string> results = new("--results")
        {
            Description = "File of JSON lines that holds what was measured; the run goes on from there",
            DefaultValueFactory = _ => "search.jsonl",
        };
        Option<int> trials = new("--trials") { Description = "Trials of an experiment", DefaultValueFactory = _ => 12 },
            seed = new("--seed") { Description = "The seed", DefaultValueFactory = _ => 1 },
            threads = new("--threads") { Description = "Trials at once, each with one thread", DefaultValueFactory = _ => 1 },
            folds = new("--folds") { Description = "The most folds of the final", DefaultValueFactory = _ => 5 },
            finalists = new("--finalists") { Description = "The most trials in the final beside the default", DefaultValueFactory = _ => 3 };
        Option<string?> sets = new("--sets") { Description = "Names of sets, with commas between them" },
            report = new("--report") { Description = "Markdown page whose part <!-- search --> the table replaces" };
        var command = new Command("search", "Searches options on the sets by which the defaults were chosen, and compares them with the defaults")
        {
            data, results, trials, seed, threads, sets, report, folds, finalists,
        };
        command.SetAction(result => SearchCommand.Run(new(result.GetValue(data)!, result.GetValue(results)!, result.GetValue(trials), result.GetValue(seed),
            result.GetValue(threads), Names(result.GetValue(sets)), result.GetValue(report), result.GetValue(folds),
            result.GetValue(finalists))));
        return command;
    }

    private static Command Defaults()
    {
        Option<string> data = new("--data") { Description = "The folder of data sets", DefaultValueFactory = _ => Repository.Shared("data") };
        Option<string> results = new("--results")
        {
            Description = "File of JSON lines that holds what was measured; the run goes on from there",
            DefaultValueFactory = _ => "defaults.jsonl"
        };
        Option<string> seeds = new("--seeds") { Description = "Seeds with commas between them", DefaultValueFactory = _ => "1,2" };
        Option<string?> only = new("--only") { Description = "Names of candidates, with commas between them" },
            sets = new("--sets") { Description = "Names of sets, with commas between them" };
        var threads = Threads();
        Option<string?> report = new("--report") { Description = "Markdown page whose part <!-- defaults --> the tables replace" },
            json = new("--json") { Description = "File for all results in one list" };
        Option<DefaultsPart> part = new("--part") { Description = "What is run; the second round and the recipes have seeds of their own" };
        Option<bool> show = new("--show") { Description = "Runs nothing, and reports what was measured" };
        var command = new Command("defaults",
            "Compares candidates for the forecasters' defaults by the rows before the test parts, by the rule of docs/research/defaults.md") { data, results,
                seeds, only, sets, threads, report, json, part, show };
        command.SetAction(result => DefaultsCommand.Run(new(
            result.GetValue(data)!, result.GetValue(results)!, [.. result.GetValue(seeds)!.Split(',').Select(int.Parse)], Names(result.GetValue(only)),
            Names(result.GetValue(sets)), result.GetValue(threads),
            result.GetValue(report), result.GetValue(json), result.GetValue(part), !result.GetValue(show))));
        return command;
    }

    private static Command Fixtures()
    {
        Argument<DirectoryInfo> folder = new("folder") { Description = "A new folder, named after the version: test/Microsoft.ML.Recurrent.Tests/Fixtures/v2" };
        var command = new Command("fixtures", "Trains small models of every kind and writes what a later version has to read and answer the same") { folder };
        command.SetAction(result =>
        {
            var target = result.GetValue(folder)!;
            if (target.Exists) throw new ArgumentException($"The folder {target} is there, and fixtures are written only once. Name a new folder.");
            FixtureWriter.Write(target.FullName, Console.WriteLine);
        });
        return command;
    }

    private static string[] Names(string? list) => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static Command OnGpu()
    {
        Option<int> device = new("--device") { Description = "The CUDA device" };
        Option<bool> cpu = new("--cpu") { Description = "Take the CPU in the GPU's place, to try the program itself" };
        Option<string?> json = new("--json") { Description = "File for the figures" };
        var python = Python();
        var command = new Command("gpu", "Checks and times scoring on a GPU, beside the CPU and PyTorch") { device, cpu, json, python };
        command.SetAction(result => GpuCommand.Run(result.GetValue(device), result.GetValue(cpu), result.GetValue(json), result.GetValue(python)!));
        return command;
    }

    private static Command Platform()
    {
        Argument<string> folder = new("folder") { Description = "Folder for the models and their figures" };
        Option<string?> against = new("--against") { Description = "The folder of another platform's run, to compare with" };
        Option<bool> noScoring = new("--no-scoring") { Description = "Train and compare weights only, where ONNX Runtime does not run" };
        var command = new Command("platform", "Trains and scores small models on this platform, and compares them with another's") { folder, against,
            noScoring };
        command.SetAction(result => PlatformCommand.Run(result.GetValue(folder)!, result.GetValue(against), !result.GetValue(noScoring)));
        return command;
    }

    private static Command Soak()
    {
        Option<int> sessions = new("--sessions") { Description = "Sessions to load, score and dispose of", DefaultValueFactory = _ => 10_000 };
        Option<long> rows = new("--rows") { Description = "Rows to score through one cursor", DefaultValueFactory = _ => 10_000_000 };
        Option<string?> json = new("--json") { Description = "File for the curves" }, chart = new("--chart") { Description = "SVG file for the picture" },
            docs = Docs();
        var command = new Command("soak", "Resident memory while sessions come and go and while rows pass, beside ONNX Runtime alone") { sessions, rows, json,
            chart, docs };
        command.SetAction(result =>
            SoakCommand.Run(new(result.GetValue(sessions), result.GetValue(rows), result.GetValue(json), result.GetValue(chart), result.GetValue(docs))));
        return command;
    }

    // One curve, in a process of its own that the soak starts.
    private static Command SoakPartOf()
    {
        Argument<string> name = new("name"), model = new("model");
        Argument<long> count = new("count");
        var command = new Command("soak-part", "One curve of the soak") { name, count, model };
        command.Hidden = true;
        command.SetAction(result => SoakPart.Run(result.GetValue(name)!, result.GetValue(count), result.GetValue(model)!));
        return command;
    }

    private static Option<string?> Docs() => new("--docs") { Description = "Documentation page whose table the figures replace" };

    private static Option<string> Python() => new("--python")
    {
        Description = "The Python that has PyTorch",
        DefaultValueFactory = _ => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3"
    };

    private static Command Kernels()
    {
        var only = Only();
        var threads = Threads();
        var command = new Command("kernels", "The matrix product and the recurrent kernels alone") { only, threads };
        command.SetAction(result => KernelsCommand.Run(result.GetValue(only), result.GetValue(threads)));
        return command;
    }

    private static Command PennTreebank()
    {
        Option<string> data = new("--data")
        {
            Description = "The folder of ptb.train.txt, ptb.valid.txt and ptb.test.txt",
            DefaultValueFactory = _ => Repository.Shared("data", "ptb")
        };
        Option<int> epochs = new("--epochs") { Description = "Epochs of at most 13", DefaultValueFactory = _ => 13 },
            seed = new("--seed") { DefaultValueFactory = _ => 1 };
        var threads = Threads();
        Option<string?> log = new("--log") { Description = "File for what is printed" },
            report = new("--report") { Description = "Markdown page whose part <!-- ptb --> the log replaces" };
        var command = new Command("ptb", "Trains the language model of the benchmark on the Penn Treebank by the recipe of Zaremba et al. 2014") { data, epochs,
            seed, threads, log, report };
        command.SetAction(result => PennTreebankCommand.Run(
            new PennTreebankOptions(result.GetValue(data)!, result.GetValue(epochs), result.GetValue(seed), result.GetValue(threads), result.GetValue(log),
                result.GetValue(report))));
        return command;
    }
}
