namespace Microsoft.ML.Recurrent;

/// <summary>The optimizer of a training run, each by PyTorch's definition.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with momentum where that is set.</summary>
    Sgd,

    /// <summary>Stochastic gradient descent with Nesterov's momentum, which has to be set.</summary>
    Nesterov,

    /// <summary>Adam (Kingma and Ba 2015), betas 0.9 and 0.999, epsilon 1e-8.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,

    /// <summary>Adam whose second moment never shrinks (Reddi et al. 2018).</summary>
    AmsGrad,

    /// <summary>Adam with Nesterov's momentum (Dozat 2016), momentum decay 0.004.</summary>
    NAdam,

    /// <summary>Adam by the infinity norm (Kingma and Ba 2015).</summary>
    Adamax,

    /// <summary>Adagrad (Duchi et al. 2011), epsilon 1e-10.</summary>
    Adagrad,

    /// <summary>RMSprop (Hinton 2012), alpha 0.99, epsilon 1e-8, with momentum where that is set.</summary>
    RmsProp,

    /// <summary>Adadelta (Zeiler 2012), rho 0.9, epsilon 1e-6; its usual learning rate is 1.</summary>
    Adadelta,

    /// <summary>RMSprop with the mean gradient taken out of the mean squared one (Graves 2013), with momentum where that is set.</summary>
    CenteredRmsProp,
}
