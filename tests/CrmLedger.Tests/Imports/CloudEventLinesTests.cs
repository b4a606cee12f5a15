using System.Text;
using System.Text.Json;
using CrmLedger.Cli.Import;

namespace CrmLedger.Tests.Imports;

public class CloudEventLinesTests
{
    private const string Good =
        """{"specversion":"1.0","id":"1","source":"crm","type":"promise_declared_kept","subject":"customer/C-1","""
        + """
          "time":"2026-07-01T09:30:00Z","data":{"promiseId":"P-1"}}
          """;

    private static readonly Guid s_import = new("00000000-0000-0000-0000-0000000000aa");

    [Fact]
    public void A_good_line_is_sent_as_it_is_with_the_import_that_brings_it()
    {
        string forged = Good.Replace("\"id\"", "\"importid\":\"forged\",\"id\"", StringComparison.Ordinal);
        var line = Read(forged, 7, s_import);

        line.Rejected.ShouldBeNull();
        line.Subject.ShouldBe("customer/C-1");
        var sent = JsonElement.Parse(line.Utf8.Span);
        sent.GetProperty("importid").GetString().ShouldBe(s_import.ToString());
        sent.GetProperty("data").GetProperty("promiseId").GetString().ShouldBe("P-1");
    }

    [Theory]
    [InlineData("id")]
    [InlineData("source")]
    [InlineData("type")]
    [InlineData("subject")]
    [InlineData("specversion")]
    public void A_line_without_what_it_needs_is_rejected_by_name(string member)
    {
        string without = Good.Replace($"\"{member}\"", "\"other\"", StringComparison.Ordinal);
        var line = Read(without, 7, s_import);

        line.Rejected!.Field.ShouldBe(member);
        line.Number.ShouldBe(7);
        line.Utf8.Length.ShouldBe(0);
    }

    [Theory]
    [InlineData("\\ud800", "half of a surrogate pair")]
    [InlineData("\\u0000", "U+0000")]
    public void A_text_that_cannot_be_stored_is_rejected_by_name(string escape, string reason)
    {
        var line = Read(Good.Replace("P-1", escape, StringComparison.Ordinal), 7, s_import);

        line.Rejected!.Reason.ShouldContain(reason);
        line.Rejected.Field.ShouldBe("/data/promiseId");
    }

    [Fact]
    public void A_line_that_is_not_UTF8_is_rejected_and_cannot_come_in_by_way_of_the_rejected_lines()
    {
        byte[] latin1 = Encoding.Latin1.GetBytes(Good.Replace("P-1", "Zo\u00eb \u00fc", StringComparison.Ordinal));
        var line = CloudEventLines.Read(new(7, latin1), s_import);

        line.Rejected!.Reason.ShouldContain("iconv");
        line.Original!.ShouldContain("\"Zo\\xEB \\xFC\"");
        Read(RejectedLines.Line(7, line.Rejected, line.Original!), 1, s_import).Rejected.ShouldNotBeNull();
    }

    [Fact]
    public void A_line_that_is_too_long_is_rejected_with_its_beginning()
    {
        var line = CloudEventLines.Read(new(7, Encoding.UTF8.GetBytes("{\"specversion\""), IsTooLong: true), s_import);

        line.Rejected!.Reason.ShouldContain("longer than 1048576 bytes");
        line.Original.ShouldBe("{\"specversion\"");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("{\"id\":\"1\",\"id\":\"2\"}")]
    [InlineData("{\"id\":\"1\"")]
    public void What_is_no_JSON_object_is_rejected_and_kept_as_it_was(string text)
    {
        var line = Read(text, 1, s_import);

        line.Rejected.ShouldNotBeNull();
        line.Original.ShouldBe(text);
    }

    [Fact]
    public void A_rejected_line_that_was_corrected_in_its_file_is_imported_from_there()
    {
        string wrong = Good.Replace("\"id\":\"1\",", "", StringComparison.Ordinal);
        var rejected = Read(wrong, 3, s_import);
        string written = RejectedLines.Line(3, rejected.Rejected!, rejected.Original!);
        written.ShouldContain(wrong);

        string corrected = written.Replace(
            "{\"specversion\"", "{\"id\":\"1\",\"specversion\"", StringComparison.Ordinal);
        var line = Read(corrected, 1, s_import);

        line.Rejected.ShouldBeNull();
        JsonElement.Parse(line.Utf8.Span).GetProperty("id").GetString().ShouldBe("1");
    }

    [Fact]
    public void Members_and_merges_keep_their_place_among_all_others()
    {
        ImportLine.RestsOnOthers("member/M-1", "member_joined").ShouldBeTrue();
        ImportLine.RestsOnOthers("customer/C-1", "customer_merged_into").ShouldBeTrue();
        ImportLine.RestsOnOthers("customer/C-1", "promise_made").ShouldBeFalse();
    }

    private static ImportLine Read(string line, long number, Guid importId) =>
        CloudEventLines.Read(new(number, Encoding.UTF8.GetBytes(line)), importId);
}
