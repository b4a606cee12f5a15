using System.Runtime.CompilerServices;
using CrmLedger.Transparency;

namespace CrmLedger.Server.EvidenceBundles;

/// <summary>A line of a bundle, with the entry that it shows, if it shows one.</summary>
internal sealed record BundleLine(EvidenceLine Line, LogEntry? Entry);

/// <summary>
/// Reads a bundle's lines in order. They are hashed and parsed a block at a time, some blocks ahead on the other cores;
/// what is kept of them does not grow with the bundle.
/// </summary>
internal static class BundleLines
{
    private const int BlockBytes = 1 << 20;
    private const int LongestLine = 64 << 20;

    /// <summary>Reads.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="progress">Is told how many bytes have been read.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FormatException">A line is none, or was damaged.</exception>
    public static async IAsyncEnumerable<BundleLine> ReadAsync(
        Stream bundle, Action<long>? progress, [EnumeratorCancellation] CancellationToken cancel)
    {
        var ahead = new Queue<Task<List<BundleLine>>>();
        await foreach (var (block, read) in BlocksAsync(bundle, cancel))
        {
            ahead.Enqueue(Task.Run(() => Lines(block), cancel));
            if (ahead.Count <= Environment.ProcessorCount)
                continue;
            foreach (var line in await ahead.Dequeue())
                yield return line;
            progress?.Invoke(read);
        }
        while (ahead.TryDequeue(out var last))
        {
            foreach (var line in await last)
                yield return line;
        }
    }

    /// <summary>Whole lines, and how many bytes have been read with them.</summary>
    private static async IAsyncEnumerable<(ReadOnlyMemory<byte> Block, long Read)> BlocksAsync(
        Stream bundle, [EnumeratorCancellation] CancellationToken cancel)
    {
        byte[] block = new byte[BlockBytes];
        var (filled, read) = (0, 0L);
        while (await bundle.ReadAsync(block.AsMemory(filled), cancel) is > 0 and var more)
        {
            filled += more;
            read += more;
            if (filled < block.Length)
                continue;
            int end = block.AsSpan().LastIndexOf((byte)'\n') + 1;
            if (end == 0 && block.Length >= LongestLine)
                throw new FormatException("A line is longer than any event is.");
            byte[] next = new byte[end == 0 ? block.Length * 2 : Math.Max(BlockBytes, 2 * (filled - end))];
            block.AsSpan(end).CopyTo(next);
            if (end > 0)
                yield return (block.AsMemory(0, end), read);
            (block, filled) = (next, filled - end);
        }
        if (filled > 0 && block[filled - 1] != (byte)'\n')
            throw new FormatException("The last line does not end: the file was cut off.");
        yield return (block.AsMemory(0, filled), read);
    }

    private static List<BundleLine> Lines(ReadOnlyMemory<byte> block)
    {
        var lines = new List<BundleLine>();
        while (block.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = EvidenceLine.Read(block[..end]);
            lines.Add(new(line, line.Leaf is null ? null : LogEntry.Parse(line.Rest)));
            block = block[(end + 1)..];
        }
        return lines;
    }
}
