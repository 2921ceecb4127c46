#!/usr/bin/env bash
# Packages: Microsoft.ML 6.0.0 on .NET 10 (self-contained, linux-x64).
# Behaviour: a program that fits, saves and loads a model is published with TrimMode=full. The publish ends with exit code 0. The published program fails on data that it holds itself:
# ML.NET reads the row class by reflection, the trimmer has removed the getters that no code calls, and the column is gone. With TrimMode=partial the same program works.
# Output seen:
#   untrimmed: publish exit 0; run exit 0: saved, loaded NormalizingTransformer
#   partial: publish exit 0; run exit 0: saved, loaded NormalizingTransformer
#   full: publish exit 0; run exit 1: ArgumentOutOfRangeException: Could not find input column 'Load' (Parameter 'data')
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > probe.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>
    <InvariantGlobalization>true</InvariantGlobalization>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.ML" Version="6.0.0" /></ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using Microsoft.ML;

var ml = new MLContext(seed: 3);
var rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(i => new Reading { Hour = i, Load = 40 + i }));
using var file = new MemoryStream();
try
{
    ml.Model.Save(ml.Transforms.NormalizeMinMax("Load").Fit(rows), rows.Schema, file);
    Console.Write($"saved, ");
    file.Position = 0;
    var loaded = ml.Model.Load(file, out _);
    Console.WriteLine($"loaded {loaded.GetType().Name}");
}
catch (Exception error)
{
    Console.WriteLine($"{error.GetType().Name}: {error.Message.Split('\n')[0]}");
    return 1;
}
return 0;

class Reading
{
    public float Hour { get; set; }
    public float Load { get; set; }
}
P
try() { # name, properties
  local name=$1 published=0 code=0 said
  shift
  rm -rf bin obj # a changed TrimMode alone does not trim anew
  dotnet publish probe.csproj -c Release -r linux-x64 --self-contained -v:q --nologo -o "out-$name" "$@" >"$name.log" 2>&1 || published=$?
  said=$(timeout 60 "out-$name/probe" 2>&1) || code=$?
  echo "$name: publish exit $published; run exit $code: $(head -n 1 <<<"$said")"
}
seen=$(try untrimmed
try partial -p:PublishTrimmed=true -p:TrimMode=partial
try full -p:PublishTrimmed=true -p:TrimMode=full)
expected="untrimmed: publish exit 0; run exit 0: saved, loaded NormalizingTransformer
partial: publish exit 0; run exit 0: saved, loaded NormalizingTransformer
full: publish exit 0; run exit 1: ArgumentOutOfRangeException: Could not find input column 'Load' (Parameter 'data')"
printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen"
[ "$seen" = "$expected" ]
