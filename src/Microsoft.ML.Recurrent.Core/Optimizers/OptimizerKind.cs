namespace Microsoft.ML.Recurrent;

/// <summary>The optimizer of a training run, as defined by PyTorch.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with momentum if set.</summary>
    Sgd,

    /// <summary>Stochastic gradient descent with Nesterov momentum, which must be set.</summary>
    Nesterov,

    /// <summary>Adam (Kingma and Ba 2015), betas 0.9 and 0.999, epsilon 1e-8.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,

    /// <summary>Adam with a second moment that never decreases (Reddi et al. 2018).</summary>
    AmsGrad,

    /// <summary>Adam with Nesterov momentum (Dozat 2016), momentum decay 0.004.</summary>
    NAdam,

    /// <summary>Adam with the infinity norm (Kingma and Ba 2015).</summary>
    Adamax,

    /// <summary>Adagrad (Duchi et al. 2011), epsilon 1e-10.</summary>
    Adagrad,

    /// <summary>RMSprop (Hinton 2012), alpha 0.99, epsilon 1e-8, with momentum if set.</summary>
    RmsProp,

    /// <summary>Adadelta (Zeiler 2012), rho 0.9, epsilon 1e-6; its usual learning rate is 1.</summary>
    Adadelta,

    /// <summary>RMSprop normalized by the variance of the gradient (Graves 2013), with momentum if set.</summary>
    CenteredRmsProp,
}
