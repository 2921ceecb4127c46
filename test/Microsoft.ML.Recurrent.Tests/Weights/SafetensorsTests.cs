using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Recurrent.Weights;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>Headers of safetensors are held against the file before memory is taken.</summary>
[TestClass]
public sealed class SafetensorsTests
{
    private readonly string _path = Path.GetTempFileName();

    [TestCleanup]
    public void Delete() => File.Delete(_path);

    [TestMethod]
    [DataRow("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}}""", "'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,17]}}""", "'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}""", "'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}""", "'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""", "'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", "'a'")]
    [DataRow("""{"a":{"dtype":"F8_E4M3","shape":[16],"data_offsets":[0,16]}}""", "F8_E4M3")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "JSON")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4]}}""", "changed")]
    [DataRow("""{"a":""", "JSON")]
    [DataRow("{}", "no tensors")]
    public void A_header_that_does_not_fit_is_refused(string header, string reason)
    {
        Write(header);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => WeightsReader.Open(_path));
        StringAssert.Contains(error.Message, reason);
        StringAssert.Contains(error.Message, _path);
    }

    [TestMethod]
    public void Types_of_numbers_are_read()
    {
        Write("""
            {"__metadata__":{"format":"pt"},"half":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"brain":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},
            "double":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},"count":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}
            """, 0x00, 0x3c, 0x00, 0xc0, 0x80, 0x3f, 0x00, 0xc0, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f);
        using var file = WeightsReader.Open(_path);
        var tensors = file.Tensors.ToDictionary(tensor => tensor.Name);
        CollectionAssert.AreEqual(new float[] { 1, -2 }, tensors["half"].Read());
        CollectionAssert.AreEqual(new float[] { 1, -2 }, tensors["brain"].Read());
        CollectionAssert.AreEqual(new float[] { 1.5f }, tensors["double"].Read());
        Assert.IsFalse(tensors["count"].IsNumbers);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => tensors["count"].Read()).Message, "I64");
    }

    [TestMethod]
    public void A_file_of_another_kind_is_told()
    {
        File.WriteAllText(_path, "time,value\n1,2\n");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => WeightsReader.Open(_path)).Message, "safetensors, a state dict of PyTorch");
    }

    private void Write(string header, params byte[] data)
    {
        var bytes = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        File.WriteAllBytes(_path, [.. length, .. bytes, .. data.Length == 0 ? new byte[16] : data]);
    }
}
