// Loads a model file that another process wrote and scores data with it, knowing nothing but ML.NET: the model file itself names the assembly that its steps
// come from. Usage: MODEL.zip DATA.idv COLUMN... Writes the values of the columns, one after the other, one row a line, in the round-trip
// format. In the place of a column, "Sample(COUNT, SEED)" stands for sequences that the model draws.
// Or: --generate MODEL.zip PROMPT SEED, which writes what a language model's generator makes of a text, in one line, as JSON.
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var generates = args is ["--generate", _, _, _];
if (args is not [_, _, _, ..])
{
    Console.Error.WriteLine("Usage: MODEL.zip DATA.idv COLUMN..., or --generate MODEL.zip PROMPT SEED");
    return 2;
}

if (AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == "Microsoft.ML.Recurrent"))
{
    Console.Error.WriteLine("The assembly was there before the model was loaded: this program proves nothing.");
    return 3;
}

var context = new MLContext();
var transformer = context.Model.Load(args[generates ? 1 : 0], out _);
if (generates)
{
    Console.WriteLine(Generate(args[2], int.Parse(args[3], CultureInfo.InvariantCulture)));
    return 0;
}

var scored = transformer.Transform(context.Data.LoadFromBinary(args[1]));
foreach (var line in args[2..].SelectMany(name => name.StartsWith("Sample(", StringComparison.Ordinal) ? Drawn(name) : Lines(scored.Schema[name])))
    Console.WriteLine(line);
return 0;

// Whatever the model is, it has such a method.
IEnumerable<string> Drawn(string call)
{
    int[] numbers = [.. call["Sample(".Length..^1].Split(',').Select(int.Parse)];
    var drawn = (IDataView)transformer.GetType().GetMethod("Sample")!.Invoke(transformer, [numbers[0], null, numbers[1], false])!;
    return drawn.GetColumn<float[]>(drawn.Schema[0]).Select(values => string.Join(' ', values));
}

IEnumerable<string> Lines(DataViewSchema.Column column) => column.Type switch
{
    TextDataViewType => scored.GetColumn<ReadOnlyMemory<char>>(column).Select(value => value.ToString()),
    BooleanDataViewType => scored.GetColumn<bool>(column).Select(value => value.ToString()),
    KeyDataViewType => scored.GetColumn<uint>(column).Select(value => value.ToString(CultureInfo.InvariantCulture)),
    VectorDataViewType { ItemType: TextDataViewType } => scored.GetColumn<string[]>(column).Select(values => string.Join(' ', values)),
    VectorDataViewType { ItemType: KeyDataViewType } => scored.GetColumn<uint[]>(column).Select(values => string.Join(' ', values)),
    VectorDataViewType { ItemType: BooleanDataViewType } => scored.GetColumn<bool[]>(column).Select(values => string.Join(' ', values)),
    VectorDataViewType => scored.GetColumn<float[]>(column).Select(values => string.Join(' ', values)),
    _ => scored.GetColumn<float>(column).Select(value => value.ToString(CultureInfo.InvariantCulture)),
};

// By names: the assembly came with the model.
string Generate(string prompt, int seed)
{
    var assembly = AppDomain.CurrentDomain.GetAssemblies().Single(assembly => assembly.GetName().Name == "Microsoft.ML.Recurrent");
    var optionsType = assembly.GetType("Microsoft.ML.Recurrent.TextGenerationOptions", throwOnError: true)!;
    var options = Activator.CreateInstance(optionsType)!;
    optionsType.GetProperty("Seed")!.SetValue(options, seed);
    optionsType.GetProperty("StopAtEndOfSentence")!.SetValue(options, false);
    var generator = assembly.GetType("Microsoft.ML.RecurrentTextCatalog", throwOnError: true)!.GetMethod("CreateTextGenerator")!
        .Invoke(null, [transformer, null])!;
    return JsonSerializer.Serialize(generator.GetType().GetMethod("GenerateText")!.Invoke(generator, [prompt, options, CancellationToken.None]));
}
