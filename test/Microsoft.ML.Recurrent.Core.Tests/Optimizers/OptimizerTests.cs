using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Optimizers.Schedules;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Optimizers;

/// <summary>25 steps on mean((A w - b)^2), compared with PyTorch's trajectory.</summary>
[TestClass]
public class OptimizerTests
{
    [TestMethod]
    [DataRow("sgd")]
    [DataRow("sgdMomentum")]
    [DataRow("sgdNesterov")]
    [DataRow("sgdL2")]
    [DataRow("adam")]
    [DataRow("adamL2")]
    [DataRow("adamW")]
    [DataRow("amsgrad")]
    [DataRow("nadam")]
    [DataRow("adamax")]
    [DataRow("adagrad")]
    [DataRow("rmsprop")]
    [DataRow("rmspropMomentumCentered")]
    [DataRow("adadelta")]
    public void Follows(string name) => Run(name, config => name switch
    {
        "sgd" => new Sgd(),
        "sgdMomentum" or "sgdNesterov" => new Sgd { Momentum = Number(config, "momentum"), Nesterov = name == "sgdNesterov" },
        "sgdL2" => new Sgd { WeightDecay = Number(config, "weightDecay") },
        "adam" => new Adam(),
        "amsgrad" => new AmsGrad(),
        "nadam" => new NAdam { MomentumDecay = Number(config, "momentumDecay") },
        "adamax" => new Adamax(),
        "adagrad" => new Adagrad { Epsilon = Number(config, "eps") },
        "rmsprop" => new RmsProp { Alpha = Number(config, "alpha"), Epsilon = Number(config, "eps") },
        "rmspropMomentumCentered" =>
            new RmsProp { Alpha = Number(config, "alpha"), Epsilon = Number(config, "eps"), Momentum = Number(config, "momentum"), Centered = true },
        "adadelta" => new Adadelta { Rho = Number(config, "rho"), Epsilon = Number(config, "eps") },
        _ => new Adam { WeightDecay = Number(config, "weightDecay"), Decoupled = name == "adamW" },
    });

    /// <summary>The factory passes each optimizer its constants: with those of the golden run it follows that run, with others it does not.</summary>
    [TestMethod]
    [DataRow("adam", OptimizerKind.Adam)]
    [DataRow("adamW", OptimizerKind.AdamW)]
    [DataRow("amsgrad", OptimizerKind.AmsGrad)]
    [DataRow("nadam", OptimizerKind.NAdam)]
    [DataRow("adamax", OptimizerKind.Adamax)]
    [DataRow("adagrad", OptimizerKind.Adagrad)]
    [DataRow("rmsprop", OptimizerKind.RmsProp)]
    [DataRow("rmspropMomentumCentered", OptimizerKind.CenteredRmsProp)]
    [DataRow("adadelta", OptimizerKind.Adadelta)]
    public void The_factory_hands_constants_on(string name, OptimizerKind kind)
    {
        OptimizerConstants Constants(JsonElement config) => new(OptimizerConstants.HasBeta1(kind) ? 0.9f : null,
            config.TryGetProperty("alpha", out var decay) || config.TryGetProperty("rho", out decay) ? decay.GetSingle() : OptimizerConstants.HasBeta2(kind)
                ? 0.999f
                : null,
            config.TryGetProperty("eps", out var epsilon) ? epsilon.GetSingle() : 1e-8f);
        Optimizer Create(JsonElement config, OptimizerConstants constants) =>
            Optimizer.Create(kind, config.TryGetProperty("momentum", out var momentum) ? momentum.GetSingle() : 0,
                config.TryGetProperty("weightDecay", out var weight) ? weight.GetSingle() : 0, constants: constants);
        Run(name, config => Create(config, Constants(config)));
        if (OptimizerConstants.HasBeta1(kind))
            Assert.Throws<AssertFailedException>(() => Run(name, config => Create(config, Constants(config) with { Beta1 = 0.5f })));
        if (OptimizerConstants.HasBeta2(kind))
            Assert.Throws<AssertFailedException>(() => Run(name, config => Create(config, Constants(config) with { Beta2 = 0.5f })));
        Assert.Throws<AssertFailedException>(() => Run(name, config => Create(config, Constants(config) with { Epsilon = 0.1f })));
    }

    [TestMethod]
    public void Clipping_follows() => Run("clipNorm", _ => new Sgd(), clip: true);

    [TestMethod]
    [DataRow("stepDecay")]
    [DataRow("exponentialDecay")]
    [DataRow("cosine")]
    [DataRow("oneCycle")]
    [DataRow("linearWarmup")]
    [DataRow("reduceOnPlateau")]
    public void Schedules_follow(string name)
    {
        var golden = GoldenVectors.Case("optimizers.json", name);
        var config = golden.GetProperty("config");
        var schedule = name switch
        {
            "stepDecay" => LearningRateSchedule.Step(config.GetProperty("stepSize").GetInt32(), Number(config, "gamma")),
            "exponentialDecay" => LearningRateSchedule.Exponential(Number(config, "gamma")),
            "cosine" => LearningRateSchedule.Cosine(Number(config, "min")),
            "oneCycle" => LearningRateSchedule.OneCycle(Number(config, "pctStart"), Number(config, "divFactor"), Number(config, "finalDivFactor")),
            "linearWarmup" => LearningRateSchedule.Constant().WithWarmup(config.GetProperty("steps").GetInt32(), Number(config, "startFactor")),
            _ => LearningRateSchedule.ReduceOnPlateau(Number(config, "factor"), config.GetProperty("patience").GetInt32(), Number(config, "threshold")),
        };
        var total = name switch { "cosine" => config.GetProperty("tMax").GetInt32(), "oneCycle" => config.GetProperty("totalSteps").GetInt32(), _ => 25 };
        var (initial, state) = (config.TryGetProperty("lr", out var rate) ? rate.GetDouble() : config.GetProperty("max").GetDouble(), new PlateauState());

        // One step is one epoch here.
        Run(name, _ => new Sgd(), rateAt: (step, loss) =>
        {
            if (step > 0) schedule.EpochEnded(loss, state);
            var expected = golden.GetProperty("learningRates")[step].GetDouble();
            Assert.AreEqual(expected, schedule.RateAt(initial, new ScheduleTime(step, total, 1), state), 1e-6 * expected, $"learning rate of step {step}");
        });
    }

    [TestMethod]
    public void A_step_decay_waits_for_whole_epochs()
    {
        var schedule = LearningRateSchedule.Exponential(0.5f, constantEpochs: 4);
        double[] rates = [.. new long[] { 0, 39, 40, 49, 50, 60 }.Select(step => schedule.RateAt(1, new ScheduleTime(step, 100, 10), new PlateauState()))];
        CollectionAssert.AreEqual(new[] { 1, 1, 0.5, 0.5, 0.25, 0.125 }, rates);
    }

    [TestMethod]
    public void Schedules_refuse_bad_arguments()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Step(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Exponential(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Cosine(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.OneCycle(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.ReduceOnPlateau(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Constant().WithWarmup(0));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(13)]
    public void Every_kind_of_optimizer_is_made_and_moves_all_elements(int length)
    {
        foreach (var kind in Enum.GetValues<OptimizerKind>())
        {
            using var parameter = new Parameter("layer.weight", new Shape(length));
            using var optimizer = Optimizer.Create(kind, momentum: 0.5f);
            parameter.Gradient.Span.Fill(1);
            optimizer.Step([parameter], 0.1f);
            Assert.IsTrue(parameter.Value.Span.ToArray().All(value => value < 0 && value == parameter.Value[0]), kind.ToString());
        }
    }

    [TestMethod]
    public void Decay_can_leave_vectors_out()
    {
        using var matrix = new Parameter("layer.weight", new Shape(2, 2));
        using var vector = new Parameter("layer.bias", new Shape(2));
        matrix.Value.Span.Fill(1);
        vector.Value.Span.Fill(1);
        using var optimizer = Optimizer.Create(OptimizerKind.AdamW, weightDecay: 0.5f, decayVectors: false);
        optimizer.Step([matrix, vector], 0.1f);
        Assert.AreEqual((0.95f, 1f), (matrix.Value[0], vector.Value[0]));
    }

    [TestMethod]
    public void Frozen_parameters_stay()
    {
        using var parameter = new Parameter("layer.weight", new Shape(2), trainable: false);
        using var optimizer = new Adam();
        parameter.Gradient.Span.Fill(1);
        optimizer.Step([parameter], 0.1f);
        CollectionAssert.AreEqual(new float[2], parameter.Value.Span.ToArray());
    }

    internal static float Number(JsonElement config, string name) => config.GetProperty(name).GetSingle();

    internal static void Run(string name, Func<JsonElement, Optimizer> create, bool clip = false, Action<int, double>? rateAt = null)
    {
        var golden = GoldenVectors.Case("optimizers.json", name);
        var (a, b, w0) = (golden.Tensor("A").Data, golden.Tensor("b").Data, golden.Tensor("w0"));
        using var w = new Parameter("w", new Shape(w0.Data.Length));
        w0.ToSingles().CopyTo(w.Value.Span);
        using var optimizer = create(golden.GetProperty("config"));
        var (rates, trajectory) = (golden.GetProperty("learningRates"), golden.GetProperty("trajectory"));
        var loss = 0.0;
        for (var step = 0; step < trajectory.GetArrayLength(); step++)
        {
            rateAt?.Invoke(step, loss);
            var (gradient, value) = Gradient(a, b, w.Value.Span);
            loss = value;
            w.ZeroGradient();
            gradient.CopyTo(w.Gradient.Span);
            var norm = GradientClipping.GlobalNorm([w]);
            if (clip) Assert.AreEqual(golden.GetProperty("gradNorms")[step].GetDouble(), norm, 1e-4, "gradient norm");
            var scale = clip ? GradientClipping.ScaleFor(norm, Number(golden.GetProperty("config"), "clipNorm")) : 1;
            optimizer.Step([w], rates[step].GetSingle(), scale);
            var expected = trajectory[step];
            GoldenVectors.AssertClose(expected.ValueKind == JsonValueKind.Object
                ? expected.ToTensor().Data
                : [.. expected.EnumerateArray().Select(v => v.GetDouble())],
                w.Value.Span, $"weights after step {step + 1}");
        }
    }

    // 2/n A^T (A w - b), in double precision.
    private static (float[] Gradient, double Loss) Gradient(double[] a, double[] b, ReadOnlySpan<float> w)
    {
        var (gradient, loss) = (new double[w.Length], 0.0);
        for (var i = 0; i < b.Length; i++)
        {
            var error = -b[i];
            for (var j = 0; j < w.Length; j++) error += a[i * w.Length + j] * w[j];
            loss += error * error / b.Length;
            for (var j = 0; j < w.Length; j++) gradient[j] += 2 * error * a[i * w.Length + j] / b.Length;
        }

        return (Array.ConvertAll(gradient, g => (float)g), loss);
    }
}
