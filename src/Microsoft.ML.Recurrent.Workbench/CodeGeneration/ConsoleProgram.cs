namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>A console program.</summary>
internal sealed class ConsoleProgram : ProgramCode
{
    public override string Suffix => "ConsoleApp";

    public override string OutputType => "Exe";

    public override IEnumerable<(string Name, string Text)> Files(GeneratedModel model, ModelCode code, string @namespace)
    {
        var (name, prepare, end) = (code.ClassName, model.Preparation.IsEmpty ? "" : $"{code.ClassName}.PrepareData(mlContext, ",
            model.Preparation.IsEmpty ? "" : ")");
        var example = code.Task.IsForecast ? "" : $"var sampleData = {code.Task.Sample(name + '.')};\n";
        yield return ("Program.cs", $$"""
            {{SourceText.Header}}
            // dotnet run                       predicts an example
            // dotnet run -- train [MODEL]      trains the model again and prints the SHA-256 of its weights
            // dotnet run -- evaluate [DATA]    prints the metrics of the model on a file
            using System.Globalization;
            using Microsoft.ML;
            using Microsoft.ML.Recurrent;

            namespace {{@namespace}};

            internal static class Program
            {
                private static int Main(string[] args)
                {
                    switch (args)
                    {
                        case []:
                            PredictExample();
                            return 0;
                        case ["train", .. var rest] when rest.Length <= 1:
                            var model = {{name}}.Train(rest.Length > 0 ? rest[0] : {{name}}.MLNetModelPath);
                            Console.WriteLine({{name}}.WeightsSha256(model));
                            return 0;
                        case ["evaluate", .. var rest] when rest.Length <= 1:
                            Evaluate(rest.Length > 0 ? rest[0] : {{name}}.RetrainFilePath);
                            return 0;
                        default:
                            Console.Error.WriteLine("Arguments: none, train [MODEL], or evaluate [DATA].");
                            return 2;
                    }
                }

                private static void PredictExample()
                {
            {{(example + code.Task.PredictSample()).Indented(8)}}
                }

                private static void Evaluate(string path)
                {
                    var mlContext = new MLContext();
                    var data = {{prepare}}{{name}}.LoadIDataViewFromFile(mlContext, path){{end}};
            {{code.Task.Print($"{name}.Evaluate(mlContext, {name}.Model.Value, data)").Indented(8)}}
                }
            }

            """.ReplaceLineEndings("\n"));
    }
}
