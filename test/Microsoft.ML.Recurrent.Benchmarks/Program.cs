using Microsoft.ML.Recurrent.Benchmarks;
return KernelsCommand.Run(args.Length > 0 ? args[0] : null, 1);
