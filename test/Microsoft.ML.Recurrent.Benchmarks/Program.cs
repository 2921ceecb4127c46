using System.CommandLine;
using System.Globalization;
using Microsoft.ML.Recurrent.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// A fresh process is measured from its very start, so it takes the shortest way.
if (args is ["first-step", var configuration, var count])
    return FirstStepCommand.Run(configuration, int.Parse(count, CultureInfo.InvariantCulture));
return Commands.Root().Parse(args).Invoke();
