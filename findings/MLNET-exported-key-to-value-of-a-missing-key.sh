#!/usr/bin/env bash
# Packages: Microsoft.ML 6.0.0, Microsoft.ML.OnnxConverter 0.24.0, Microsoft.ML.OnnxRuntime 1.32.0 on .NET 10.
# Behaviour: MapValueToKey gives a missing key for a value that it has not seen, and MapKeyToValue answers an empty text, 0 or NaN for it. The exported graph answers otherwise:
# the text '_Unused', the number -0 where ML.NET says NaN, and for an Int64 column the whole run fails, known rows of the batch with it (a Cast node cannot read the text as a number).
# Output seen:
#   text: ML.NET 'north' ''; exported 'north' '_Unused'
#   single: ML.NET '2.5' 'NaN'; exported '2.5' '-0'
#   int64: ML.NET '40' '0'; exported OnnxRuntimeException
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > probe.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.ML" Version="6.0.0" />
    <PackageReference Include="Microsoft.ML.OnnxConverter" Version="0.24.0" />
    <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.32.0" />
  </ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Probe("text", [new Site<string> { Mark = "north" }, new Site<string> { Mark = "south" }], [new Site<string> { Mark = "north" }, new Site<string> { Mark = "west" }]);
Probe("single", [new Site<float> { Mark = 1.5f }, new Site<float> { Mark = 2.5f }], [new Site<float> { Mark = 2.5f }, new Site<float> { Mark = 8 }]);
Probe("int64", [new Site<long> { Mark = 30 }, new Site<long> { Mark = 40 }], [new Site<long> { Mark = 40 }, new Site<long> { Mark = 90 }]);

static void Probe<T>(string name, Site<T>[] known, Site<T>[] asked)
{
    var ml = new MLContext(seed: 1);
    var data = ml.Data.LoadFromEnumerable(known);
    var model = ml.Transforms.Conversion.MapValueToKey("Key", "Mark").Append(ml.Transforms.Conversion.MapKeyToValue("Value", "Key")).Fit(data);
    var answers = model.Transform(ml.Data.LoadFromEnumerable(asked)).Preview().RowView.Select(row => $"'{row.Values.Last().Value}'");
    Console.Write($"{name}: ML.NET {string.Join(' ', answers)}; exported ");
    using var file = new MemoryStream();
    ml.Model.ConvertToOnnx(model, data, file, "Value");
    using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    using var session = new InferenceSession(file.ToArray(), options);
    try
    {
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("Mark", new DenseTensor<T>(asked.Select(site => site.Mark).ToArray(), [asked.Length, 1]))]);
        Console.WriteLine(string.Join(' ', results[0].AsTensor<T>().Select(value => $"'{value}'")));
    }
    catch (OnnxRuntimeException error)
    {
        Console.WriteLine(error.GetType().Name);
    }
}

internal sealed class Site<T>
{
    public T Mark { get; set; }
}
P
dotnet build -c Release -v:q --nologo > build.log 2>&1 || { cat build.log; exit 2; }
cat > expected <<'E'
text: ML.NET 'north' ''; exported 'north' '_Unused'
single: ML.NET '2.5' 'NaN'; exported '2.5' '-0'
int64: ML.NET '40' '0'; exported OnnxRuntimeException
E
dotnet bin/Release/net10.0/probe.dll > seen 2> errors || { cat errors; exit 2; }
echo "expected:"; cat expected
echo "seen:"; cat seen
diff expected seen
