using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Model;

[TestClass]
public sealed class ModelJsonTests
{
    [TestMethod]
    public void What_an_older_file_does_not_name_has_its_default()
    {
        var read = ModelJson.Read<NetworkDescription>(
            """{"features":2,"layers":[{"layer":"recurrent","name":"gru_1","cell":"Gru","hiddenSize":3}],"outputs":1}""")!;
        var layer = (RecurrentDescription)read.Layers.Single();
        Assert.IsTrue(layer.ResetAfter, "a GRU resets after the product unless told otherwise");
        Assert.IsTrue(read.Standardize);
        Assert.IsNull(read.Time);
    }
}
