using System.Security.Cryptography;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Configuration;

/// <summary>
/// Configurations of public repositories, which Model Builder and the mlnet tool wrote from 2021 to 2026. They are no part of this project:
/// build/public-configurations.sh fetches them into the folder that the environment variable RECURRENT_CONFIGURATIONS names.
/// </summary>
[TestClass]
[TestCategory("Fetched")]
public sealed class PublicConfigurationTests
{
    private const string Variable = "RECURRENT_CONFIGURATIONS";

    private static string Folder(string repository, string path)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("This test reads files of public repositories: fetch them by build/public-configurations.sh, "
                + $"and set {Variable} to their folder.");
        }
        return Path.Combine([Environment.GetEnvironmentVariable(Variable)!, .. repository.Split('/'), .. path.Split('/')]);
    }

    [TestMethod]
    // At 86b6b3536424ff69c7150abfa7998f032a0f63aa
    [DataRow("GraphLinq/GraphLinq.MachineLearning", "PriceForecastModel.mbconfig", "d63b902254d2e287d8e8564d5fc1885c2b18d51c287a9dfd251b65cc4c050a7a")]
    // At 86b6b3536424ff69c7150abfa7998f032a0f63aa
    [DataRow("GraphLinq/GraphLinq.MachineLearning", "SentimentModel.mbconfig", "64795acc4b36266e6f9d878ccfa3ced26a2dc3ac9583110d3b2795a031aa77de")]
    // At 86b6b3536424ff69c7150abfa7998f032a0f63aa
    [DataRow("GraphLinq/GraphLinq.MachineLearning", "SpamModel.mbconfig", "74ebca2b516dc602018d06c39f8f78dcf8fead93130162d5161bdab27d35e81e")]
    // At 96994516a60642545a664069182eda6b56e2f80d
    [DataRow("HannuSalmi1/newsTopicDetector", "MLModel1.mbconfig", "30949f381e0cbfedd8d0ac47d3d0c098c760876aac8794d938ffe1877466ca3a")]
    // At 51ed105bd89a36d809ea2479afc10b3e59abc04c
    [DataRow("Hasanqp/TempEarthPredition", "MLModel1.mbconfig", "e264f5d993fc2be7f4a851c6e7bfaed5f12db32c3e73d180137fc1b98bccf724")]
    // At 51ed105bd89a36d809ea2479afc10b3e59abc04c
    [DataRow("Hasanqp/TempEarthPredition", "MLModel2.mbconfig", "27dafdaac8b4a9b47fc42e0b3c340efff4ce139d3ab6d7837b82628ffd29adfa")]
    // At f98ca35f999fb90a0385f19cb3d886a0af0b39c6
    [DataRow("JWMiller006/EnglProj", "Backend/Model.mbconfig", "8a5952b6ca13111875cf371c8d0d13f8d18a3362a05eefebd49d44e5095aedc4")]
    // At f98ca35f999fb90a0385f19cb3d886a0af0b39c6
    [DataRow("JWMiller006/EnglProj", "Model.mbconfig", "8a5952b6ca13111875cf371c8d0d13f8d18a3362a05eefebd49d44e5095aedc4")]
    // At 68ddeab6410fb5d20f3fe65b8bfe3c08ac16e43f
    [DataRow("PavlovNI/HackathonLogistics", "MLModel1.mbconfig", "b10e42ae8985ca2a0589b06834f25e3e51a7981b721aa4d9bb0caccc1668097f")]
    // At 98fc478bb81bfd8f5d3281930537c2bb01a307e8
    [DataRow("alaeddinesekkoumi/CVMatchPro", "MLModel.mbconfig", "2de4958b248d00790cd2910858ffb04a15e6a58306fa28ea2809aa5ab0c4756f")]
    // At 1da531fbed4d09242c50338b1aa3803286e1d273
    [DataRow("eerhardt/NativeMLAOT", "MLModel1.mbconfig", "0373591962b0afe2f354037baf9936ae109be9350dd9c2410d9ed7fccff7ddd6")]
    // At ae6feffd98334b43782b74a7076286133e72232c
    [DataRow("esdanielgomez/MLNET_SentimentAnalysis", "MLModel.mbconfig", "538b9ba5f81cb67308e4062dbd6f1a8726217fe6a6af5a371e28fd7f34ba1db2")]
    // At e8ef9733426d0c7366fa08de1e7a5d849ee03ca1
    [DataRow("fduartej/mlnet-webapp", "SentimentModel.mbconfig", "ac73c10b9811a7e6fd445909f8e4382cc20386b42a2e3eb272d2afb1d01fee18")]
    // At dca653bec17ee4e0e24cf0caae9d39c356830070
    [DataRow("mustafaferhatimamoglu/Binance_WFA", "MLModel1.mbconfig", "e58af6f63f5a201602dff3ed4f4eddceeea15aaeaa319a3764125b898111f75f")]
    // At dca653bec17ee4e0e24cf0caae9d39c356830070
    [DataRow("mustafaferhatimamoglu/Binance_WFA", "MLModel2.mbconfig", "815ef0119822adb8fd9eb2382764a9674c225b7122982dfb787ff19a53f0db01")]
    // At dca653bec17ee4e0e24cf0caae9d39c356830070
    [DataRow("mustafaferhatimamoglu/Binance_WFA", "MLModel3.mbconfig", "1ca04b34e6cc55accfdc1a7ba0534a6f73010a55521ffa13bdd180af72dee4b0")]
    // At 3ccd4dcafafe74e7e09aac8b646dd91c6a321e10
    [DataRow("ymd65536/SentimentModel", "SentimentModel.mbconfig", "bc2577ffc3502172c8f3b211095a32d5957d4b8ac54c38b9af4ec4504f679bd6")]
    public void A_public_file_survives_reading_and_writing_byte_for_byte(string repository, string path, string digest)
    {
        var file = Folder(repository, path);
        var bytes = File.ReadAllBytes(file);
        Assert.AreEqual(digest, Convert.ToHexStringLower(SHA256.HashData(bytes)), "This is another version of the file.");
        var copy = Path.Combine(Directory.CreateTempSubdirectory("configurations").FullName, "copy.mbconfig");
        var config = TrainingConfig.Read(file);
        config.Write(copy);
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(copy));

        // An option of ours goes to the end; all that stood there before stays.
        config.Recurrent["Seed"] = "7";
        config.Write(copy);
        var changed = File.ReadAllBytes(copy);
        var common = bytes.Zip(changed).TakeWhile(static pair => pair.First == pair.Second).Count();
        NumberAssert.IsGreaterThan(bytes.Length - 8, common);
        Assert.AreEqual("7", TrainingConfig.Read(copy).Recurrent["Seed"]);
        Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
    }
}
