using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Weights.Files;
using PureHDF;

namespace Microsoft.ML.Recurrent.Weights.Hdf5;

/// <summary>Tensors of HDF5 files.</summary>
internal static class HdfTensor
{
    // Of gzip, which Keras can write, at most about a thousand bytes come from one.
    private const long MostCompression = 1100;

    /// <summary>The tensor of a dataset.</summary>
    /// <param name="name">The path of the dataset.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="fileLength">The bytes of the file.</param>
    public static StoredTensor Create(string name, IH5Dataset dataset, long fileLength)
    {
        var type = TypeOf(dataset.Type);
        long[] shape = [.. dataset.Space.Type is H5DataspaceType.Simple ? dataset.Space.Dimensions.Select(size => checked((long)size)) : []];
        if (type is null) return new(name, shape, NumberType.UInt8, () => throw new InvalidDataException($"the tensor '{name}' has no numbers"));
        var room = dataset.Layout.Class is H5DataLayoutClass.Chunked ? checked(fileLength * MostCompression) : fileLength;
        var count = StoredTensor.Check(name, shape, type, room);
        return new(name, shape, type, () => Read(dataset, type, count));
    }

    // Types are read as they are stored: PureHDF reinterprets the bits of any type of the same size.
    private static float[] Read(IH5Dataset dataset, NumberType type, long count)
    {
        var values = type.Size switch
        {
            8 => type.Decode(MemoryMarshal.AsBytes(dataset.Read<double[]>().AsSpan())),
            4 => dataset.Read<float[]>(),
            _ => type.Decode(MemoryMarshal.AsBytes(dataset.Read<Half[]>().AsSpan())),
        };
        return values.Length == count ? values : throw new InvalidDataException($"the tensor '{dataset.Name}' has {values.Length} numbers instead of {count}");
    }

    private static NumberType? TypeOf(IH5DataType type) => (type.Class, type.Size) switch
    {
        (H5DataTypeClass.FloatingPoint, 8) => NumberType.Float64,
        (H5DataTypeClass.FloatingPoint, 4) => NumberType.Float32,
        (H5DataTypeClass.FloatingPoint, 2) => NumberType.Float16,
        (H5DataTypeClass.FixedPoint, 8) => NumberType.Int64,
        (H5DataTypeClass.FixedPoint, 4) => NumberType.Int32,
        (H5DataTypeClass.FixedPoint, 2) => NumberType.Int16,
        (H5DataTypeClass.FixedPoint, 1) => NumberType.Int8,
        _ => null,
    };
}
