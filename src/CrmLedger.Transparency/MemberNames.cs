using System.Runtime.InteropServices;

namespace CrmLedger.Transparency;

/// <summary>A member's name: bytes of the checked text, or of the unescaped names kept beside it.</summary>
internal readonly record struct MemberName(int Start, int Length, bool IsUnescaped);

/// <summary>The names of all objects that are open at one place of a text, innermost last.</summary>
internal sealed class MemberNames
{
    // Up to here comparing each with each is quicker than sorting.
    private const int PairwiseCount = 12;

    private MemberName[] _names = new MemberName[16];
    private int _count;
    private byte[] _unescaped = [];
    private int _unescapedLength;

    internal readonly record struct Place(int Count, int UnescapedLength);

    internal Place Mark() => new(_count, _unescapedLength);

    internal void Release(Place place)
    {
        _count = place.Count;
        _unescapedLength = place.UnescapedLength;
    }

    /// <summary>The last name that was there when the place was marked.</summary>
    internal MemberName Before(Place place) => _names[place.Count - 1];

    internal ReadOnlySpan<byte> Text(ReadOnlySpan<byte> utf8, MemberName name)
    {
        return name.IsUnescaped ? _unescaped.AsSpan(name.Start, name.Length) : utf8.Slice(name.Start, name.Length);
    }

    /// <summary>Room to unescape into; it is kept only if what stands there is added as a name.</summary>
    internal Span<byte> Room(int bytes)
    {
        if (_unescaped.Length - _unescapedLength < bytes)
            Array.Resize(ref _unescaped, (_unescapedLength + bytes) * 2);
        return _unescaped.AsSpan(_unescapedLength);
    }

    internal MemberName InRoom(int length) => new(_unescapedLength, length, IsUnescaped: true);

    internal void Add(MemberName name)
    {
        if (_count == _names.Length)
            Array.Resize(ref _names, _count * 2);
        _names[_count++] = name;
        if (name.IsUnescaped)
            _unescapedLength = Math.Max(_unescapedLength, name.Start + name.Length);
    }

    internal bool TryFindDuplicate(ReadOnlySpan<byte> utf8, Place since, out MemberName twice)
    {
        var names = _names.AsSpan(since.Count, _count - since.Count);
        if (names.Length <= PairwiseCount)
            return TryFindEqual(utf8, names, out twice);

        // Marvin, which strings are hashed with, is keyed: nobody outside can choose names that collide.
        var hashes = new ulong[names.Length];
        for (var i = 0; i < names.Length; i++)
            hashes[i] = Hash(Text(utf8, names[i]));
        var sorted = names.ToArray();
        Array.Sort(hashes, sorted);
        for (int start = 0, end; start < hashes.Length; start = end)
        {
            for (end = start + 1; end < hashes.Length && hashes[end] == hashes[start];)
                end++;
            if (TryFindEqual(utf8, sorted.AsSpan(start, end - start), out twice))
                return true;
        }

        twice = default;
        return false;
    }

    private bool TryFindEqual(ReadOnlySpan<byte> utf8, ReadOnlySpan<MemberName> names, out MemberName twice)
    {
        for (var i = 1; i < names.Length; i++)
        {
            twice = names[i];
            for (var j = 0; j < i; j++)
            {
                if (names[j].Length == twice.Length && Text(utf8, names[j]).SequenceEqual(Text(utf8, twice)))
                    return true;
            }
        }

        twice = default;
        return false;
    }

    private static ulong Hash(ReadOnlySpan<byte> name)
    {
        // The hash takes pairs of bytes; the length and an odd last byte are put beside it.
        var pairs = (uint)string.GetHashCode(MemoryMarshal.Cast<byte, char>(name), StringComparison.Ordinal);
        var odd = (name.Length & 1) == 1 ? name[^1] : (byte)0;
        return ((ulong)pairs << 32) | ((ulong)(uint)(name.Length & 0xFFFFFF) << 8) | odd;
    }
}
