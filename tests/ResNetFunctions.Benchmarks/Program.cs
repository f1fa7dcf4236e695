// dotnet run -c Release --project tests/ResNetFunctions.Benchmarks -- --filter '*Decode*'
BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
