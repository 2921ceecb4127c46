using Microsoft.VisualStudio.TestTools.UnitTesting;

// One class a processor at a time: the tests of a class may share what ClassInitialize trained. A test that measures memory or allocation of the
// whole process carries [DoNotParallelize].
[assembly: Parallelize(Workers = 0, Scope = ExecutionScope.ClassLevel)]
