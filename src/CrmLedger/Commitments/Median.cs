using System.Numerics;

namespace CrmLedger.Commitments;

/// <summary>
/// The middle of many numbers without sorting them: Hoare's selection (Algorithm 65, CACM 4(7), 1961), which takes time
/// in proportion to their count.
/// </summary>
public static class Median
{
    /// <summary>Twice the median: the middle one doubled, or the sum of the middle two.</summary>
    /// <param name="values">At least one, each within ±2⁶²; their order changes.</param>
    public static long Doubled(Span<long> values)
    {
        int middle = values.Length / 2;
        long upper = Select(values, middle);
        if (values.Length % 2 == 1)
            return 2 * upper;
        long lower = values[0];
        foreach (long value in values[1..middle])
            lower = Math.Max(lower, value);
        return lower + upper;
    }

    /// <summary>The value that stands at an index once the values are sorted; none before it is greater then.</summary>
    private static long Select(Span<long> values, int index)
    {
        var (first, last) = (0, values.Length - 1);
        int rounds = 2 * BitOperations.Log2((uint)values.Length) + 2;
        while (first < last)
        {
            // Values that are laid out against the choice of pivots are sorted after all.
            if (rounds-- == 0)
            {
                values[first..(last + 1)].Sort();
                break;
            }
            long pivot = MiddleOf(values[first], values[first + (last - first) / 2], values[last]);
            var (low, high) = (first, last);
            while (low <= high)
            {
                while (values[low] < pivot)
                    low++;
                while (values[high] > pivot)
                    high--;
                if (low > high)
                    break;
                (values[low], values[high]) = (values[high], values[low]);
                low++;
                high--;
            }
            if (index <= high)
                last = high;
            else if (index >= low)
                first = low;
            else
                break;
        }
        return values[index];
    }

    private static long MiddleOf(long a, long b, long c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
