namespace ResNetFunctions.Inference.Sessions;

internal static class TopK
{
    /// <summary>Fills <paramref name="top"/> with the indices of the highest scores, highest first; of equal ones the lower
    /// index. One pass with a heap of k: O(n log k).</summary>
    public static void Select(ReadOnlySpan<float> scores, Span<int> top)
    {
        if (top.IsEmpty)
            return;
        int count = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (count < top.Length)
            {
                top[count++] = i;
                SiftUp(scores, top[..count]);
            }
            else if (Precedes(scores, i, top[0]))
            {
                top[0] = i;
                SiftDown(scores, top);
            }
        }

        // The root is the lowest: move it to the end until all are in order.
        for (int n = count - 1; n > 0; n--)
        {
            (top[0], top[n]) = (top[n], top[0]);
            SiftDown(scores, top[..n]);
        }
    }

    private static bool Precedes(ReadOnlySpan<float> scores, int a, int b) =>
        scores[a] > scores[b] || (scores[a] == scores[b] && a < b);

    private static void SiftUp(ReadOnlySpan<float> scores, Span<int> heap)
    {
        int child = heap.Length - 1;
        while (child > 0)
        {
            int parent = (child - 1) / 2;
            if (!Precedes(scores, heap[parent], heap[child]))
                return;
            (heap[parent], heap[child]) = (heap[child], heap[parent]);
            child = parent;
        }
    }

    private static void SiftDown(ReadOnlySpan<float> scores, Span<int> heap)
    {
        int parent = 0;
        while (2 * parent + 1 is var child && child < heap.Length)
        {
            if (child + 1 < heap.Length && Precedes(scores, heap[child], heap[child + 1]))
                child++;
            if (!Precedes(scores, heap[parent], heap[child]))
                return;
            (heap[parent], heap[child]) = (heap[child], heap[parent]);
            parent = child;
        }
    }
}
