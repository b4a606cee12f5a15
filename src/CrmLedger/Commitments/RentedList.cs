using System.Buffers;

namespace CrmLedger.Commitments;

/// <summary>
/// A list in an array of the shared pool. What is counted anew for every question would otherwise be garbage of the
/// large sort, whose collection costs as much as the counting.
/// </summary>
internal sealed class RentedList<T>
    where T : unmanaged
{
    private T[] _items = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>What was added.</summary>
    public Span<T> Items => _items.AsSpan(0, Count);

    /// <summary>Adds one.</summary>
    public void Add(T item)
    {
        if (Count == _items.Length)
            Grow(Count + 1);
        _items[Count++] = item;
    }

    /// <summary>Adds many.</summary>
    public void Add(ReadOnlySpan<T> items)
    {
        if (_items.Length - Count < items.Length)
            Grow(Count + items.Length);
        items.CopyTo(_items.AsSpan(Count));
        Count += items.Length;
    }

    /// <summary>Gives the array back; the list is empty then.</summary>
    public void Release()
    {
        if (_items.Length > 0)
            ArrayPool<T>.Shared.Return(_items);
        (_items, Count) = ([], 0);
    }

    private void Grow(int atLeast)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(atLeast, 2 * _items.Length));
        Items.CopyTo(larger);
        if (_items.Length > 0)
            ArrayPool<T>.Shared.Return(_items);
        _items = larger;
    }
}
