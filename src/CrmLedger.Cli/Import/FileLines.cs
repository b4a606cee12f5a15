using System.Runtime.CompilerServices;
using System.Text;

namespace CrmLedger.Cli.Import;

/// <summary>One line of a file, as bytes.</summary>
/// <param name="Number">Its number, from 1; blank lines count.</param>
/// <param name="Utf8">
/// Its bytes without the line's end. They lie in a buffer that the next line is read into. Of a line that is too long
/// only the beginning.
/// </param>
/// <param name="IsTooLong">Whether the line is longer than <see cref="FileLines.Longest" />.</param>
internal readonly record struct FileLine(long Number, ReadOnlyMemory<byte> Utf8, bool IsTooLong = false)
{
    public bool IsBlank => !IsTooLong && Utf8.Span.IndexOfAnyExcept(" \t\r\v\f"u8) < 0;

    public bool IsUtf8 => System.Text.Unicode.Utf8.IsValid(Utf8.Span);

    /// <summary>
    /// The line as text. A byte that is no part of UTF-8 is written as <c>\xE9</c>: nothing is lost, and it is no JSON,
    /// so that it cannot be taken for what was meant.
    /// </summary>
    public string Text()
    {
        if (IsUtf8)
            return Encoding.UTF8.GetString(Utf8.Span);
        var text = new StringBuilder(Utf8.Length + 16);
        var rest = Utf8.Span;
        while (!rest.IsEmpty)
        {
            bool whole = Rune.DecodeFromUtf8(rest, out var rune, out int length) == System.Buffers.OperationStatus.Done;
            if (whole)
                text.Append(rune.ToString());
            for (int i = 0; !whole && i < length; i++)
                text.Append("\\x").Append(Convert.ToHexString(rest.Slice(i, 1)));
            rest = rest[length..];
        }
        return text.ToString();
    }
}

/// <summary>Parts bytes into lines without ever holding more than the longest line that is allowed.</summary>
internal static class FileLines
{
    /// <summary>The most bytes that a line may have: more than this cannot be one event.</summary>
    public const int Longest = 1 << 20;

    /// <summary>How much of a longer line is shown.</summary>
    private const int Beginning = 100;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <param name="read">Fills a buffer and tells how many bytes it got, 0 at the end.</param>
    /// <param name="ct">Stops reading.</param>
    public static async IAsyncEnumerable<FileLine> PartAsync(
        Func<Memory<byte>, CancellationToken, ValueTask<int>> read, [EnumeratorCancellation] CancellationToken ct)
    {
        byte[] buffer = new byte[Longest + (1 << 16)];
        byte[]? beginning = null; // of the line that is being skipped
        int start = 0, end = 0;
        for (long number = 1; ;)
        {
            int length = buffer.AsSpan(start..end).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return Line(number++, buffer.AsMemory(start, length), beginning);
                beginning = null;
                start += length + 1;
                continue;
            }
            if (end - start > Longest || beginning is not null)
            {
                beginning ??= buffer[start..(start + Beginning)];
                start = end = 0;
            }
            if (start > 0)
            {
                buffer.AsSpan(start..end).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            int got = await read(buffer.AsMemory(end), ct);
            if (got == 0)
            {
                if (end > 0 || beginning is not null)
                    yield return Line(number, buffer.AsMemory(0, end), beginning);
                yield break;
            }
            end += got;
        }
    }

    private static FileLine Line(long number, ReadOnlyMemory<byte> bytes, byte[]? beginning)
    {
        if (beginning is not null || bytes.Length > Longest)
            return new(number, beginning ?? bytes[..Beginning], IsTooLong: true);
        if (number == 1 && bytes.Span.StartsWith(ByteOrderMark))
            bytes = bytes[ByteOrderMark.Length..];
        return new(number, bytes.Span is [.., (byte)'\r'] ? bytes[..^1] : bytes);
    }
}
