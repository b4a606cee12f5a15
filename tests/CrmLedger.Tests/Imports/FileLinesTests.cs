using System.Text;
using CrmLedger.Cli.Import;

namespace CrmLedger.Tests.Imports;

public class FileLinesTests
{
    [Theory]
    [InlineData("one\ntwo\r\n\n  \nfive", "one|two||  |five")]
    [InlineData("one\n", "one")]
    [InlineData("\ufeffone\ntwo\n", "one|two")]
    [InlineData("", null)]
    public async Task A_line_ends_with_a_line_feed_or_the_file(string text, string? lines)
    {
        var read = await ReadAsync(Encoding.UTF8.GetBytes(text));

        read.Select(l => l.Text).ShouldBe(lines?.Split('|') ?? []);
        read.Select(l => l.Number).ShouldBe(Enumerable.Range(1, read.Count).Select(n => (long)n));
    }

    [Theory]
    [InlineData(FileLines.Longest, false)]
    [InlineData(FileLines.Longest + 1, true)]
    [InlineData(5 * FileLines.Longest, true)]
    public async Task A_line_that_is_too_long_is_cut_and_the_next_one_is_whole(int length, bool isTooLong)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($"one\n{new string('x', length)}\nthree\n{new string('y', length)}");
        var read = await ReadAsync(bytes);

        read.Select(l => l.Number).ShouldBe([1, 2, 3, 4]);
        read.Select(l => l.IsTooLong).ShouldBe([false, isTooLong, false, isTooLong]);
        (read[0].Text, read[2].Text).ShouldBe(("one", "three"));
        read[1].Text.Length.ShouldBe(isTooLong ? 100 : length);
    }

    [Fact]
    public void A_byte_that_is_no_part_of_UTF8_is_shown_and_the_rest_stays()
    {
        byte[] bytes = [(byte)'Z', .. "ü"u8, 0xE9, (byte)'!', 0xF0, 0x9F];
        new FileLine(1, bytes).Text().ShouldBe("Zü\\xE9!\\xF0\\x9F");
    }

    private static async Task<List<(long Number, string Text, bool IsTooLong)>> ReadAsync(byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        var lines = new List<(long, string, bool)>();
        await foreach (var line in FileLines.PartAsync((buffer, ct) => file.ReadAsync(buffer, ct), default))
            lines.Add((line.Number, line.Text(), line.IsTooLong));
        return lines;
    }
}
