#!/usr/bin/env bash
# Packages: Microsoft.ML 6.0.0 on .NET 10.
# Behaviour: LoadFromTextFile reads a time without a zone as it is written, but marks it as UTC, in any time zone of the machine. Rows of objects keep the kind that they have, mostly Unspecified.
# The same noon is then another instant as a DateTimeOffset, and another text in JSON: rows of a file and rows of objects differ by the machine's offset where they leave the pipeline.
# Output seen (TZ=America/New_York):
#   file: 2024-07-01 12:00 Utc, as an offset 12:00 +00:00, json "2024-07-01T12:00:00Z"
#   objects: 2024-07-01 12:00 Unspecified, as an offset 12:00 -04:00, json "2024-07-01T12:00:00"
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > probe.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.ML" Version="6.0.0" /></ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

var ml = new MLContext(seed: 1);
File.WriteAllLines("tides.csv", ["Time,Level", "2024-07-01 12:00,3.5"]);
Tell("file", ml.Data.LoadFromTextFile<Tide>("tides.csv", separatorChar: ',', hasHeader: true));
Tell("objects", ml.Data.LoadFromEnumerable([new Tide { Time = new DateTime(2024, 7, 1, 12, 0, 0), Level = 3.5f }]));

void Tell(string name, IDataView rows)
{
    var time = ml.Data.CreateEnumerable<Tide>(rows, reuseRowObject: false).Single().Time;
    Console.WriteLine($"{name}: {time:yyyy-MM-dd HH:mm} {time.Kind}, as an offset {new DateTimeOffset(time):HH:mm zzz}, json {JsonSerializer.Serialize(time)}");
}

internal sealed class Tide
{
    [LoadColumn(0)] public DateTime Time { get; set; }
    [LoadColumn(1)] public float Level { get; set; }
}
P
dotnet build -c Release -v:q --nologo > build.log 2>&1 || { cat build.log; exit 2; }
cat > expected <<'E'
file: 2024-07-01 12:00 Utc, as an offset 12:00 +00:00, json "2024-07-01T12:00:00Z"
objects: 2024-07-01 12:00 Unspecified, as an offset 12:00 -04:00, json "2024-07-01T12:00:00"
E
TZ=America/New_York dotnet bin/Release/net10.0/probe.dll > seen 2> errors || { cat errors; exit 2; }
echo "expected:"; cat expected
echo "seen:"; cat seen
diff expected seen
