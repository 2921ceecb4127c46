#!/usr/bin/env bash
# Packages: Apache.Arrow 23.0.0 and Apache.Arrow.Compression 23.0.0 on .NET 10.
# Behaviour: a file of two record batches has a column of categories (a dictionary of texts). Each batch is read, looked at and disposed of before the next, as in any loop
# that keeps memory low. Uncompressed, both batches read well. Compressed by LZ4, the categories of the second batch are gone: they were freed with the first, though the
# reader hands the same dictionary out again. Kept until the end, both batches read well; columns other than categories can be disposed of one by one.
# Output seen:
#   uncompressed, disposed: high high
#   compressed, kept: high high
#   compressed, disposed: high NullReferenceException
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > probe.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings><InvariantGlobalization>true</InvariantGlobalization></PropertyGroup>
  <ItemGroup><PackageReference Include="Apache.Arrow" Version="23.0.0" /><PackageReference Include="Apache.Arrow.Compression" Version="23.0.0" /></ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

var codecs = new CompressionCodecFactory();
foreach (var (codec, disposed) in new (CompressionCodecType?, bool)[] { (null, true), (CompressionCodecType.Lz4Frame, false), (CompressionCodecType.Lz4Frame, true) })
{
    var tides = new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, false), new Int8Array.Builder().Append(1).Build(),
        new StringArray.Builder().Append("low").Append("high").Build());
    var rows = new RecordBatch.Builder().Append("tide", false, tides).Build();
    using (var writer = new ArrowFileWriter(File.Create("tides.arrow"), rows.Schema, false, new IpcOptions { CompressionCodec = codec, CompressionCodecFactory = codecs }))
    {
        writer.WriteRecordBatch(rows);
        writer.WriteRecordBatch(rows);
        writer.WriteEnd();
    }
    Console.Write($"{(codec is null ? "uncompressed" : "compressed")}, {(disposed ? "disposed" : "kept")}:");
    using var reader = new ArrowFileReader(File.OpenRead("tides.arrow"), codecs);
    try
    {
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            var column = (DictionaryArray)batch.Column(0);
            Console.Write(" " + ((StringArray)column.Dictionary).GetString(((Int8Array)column.Indices).GetValue(0)!.Value));
            if (disposed) batch.Dispose();
        }
    }
    catch (Exception error)
    {
        Console.Write(" " + error.GetType().Name);
    }
    Console.WriteLine();
}
P
seen=$(dotnet run --project probe.csproj -c Release --nologo -v:q)
expected="uncompressed, disposed: high high
compressed, kept: high high
compressed, disposed: high NullReferenceException"
printf 'one would expect "high high" thrice; recorded:\n%s\nseen:\n%s\n' "$expected" "$seen"
[ "$seen" = "$expected" ]
