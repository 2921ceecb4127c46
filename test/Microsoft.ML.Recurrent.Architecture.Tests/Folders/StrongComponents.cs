namespace Microsoft.ML.Recurrent.Architecture.Tests.Folders;

/// <summary>Strongly connected components of a directed graph (Tarjan 1972).</summary>
internal static class StrongComponents
{
    /// <summary>The components of more than one node, the nodes of each in order.</summary>
    public static IReadOnlyList<string[]> Of(IEnumerable<string> nodes, Func<string, IEnumerable<string>> next)
    {
        Dictionary<string, int> index = [], low = [];
        Stack<string> stack = [];
        HashSet<string> onStack = [];
        List<string[]> components = [];
        foreach (var node in nodes)
            if (!index.ContainsKey(node)) Visit(node);
        return [.. components.OrderByDescending(component => component.Length)];

        void Visit(string node)
        {
            index[node] = low[node] = index.Count;
            stack.Push(node);
            onStack.Add(node);
            foreach (var other in next(node))
            {
                if (!index.TryGetValue(other, out var seen))
                {
                    Visit(other);
                    low[node] = Math.Min(low[node], low[other]);
                }
                else if (onStack.Contains(other)) low[node] = Math.Min(low[node], seen);
            }
            if (low[node] != index[node]) return;
            List<string> component = [];
            string last;
            do
            {
                last = stack.Pop();
                onStack.Remove(last);
                component.Add(last);
            }
            while (last != node);
            if (component.Count > 1) components.Add([.. component.Order(StringComparer.Ordinal)]);
        }
    }
}
