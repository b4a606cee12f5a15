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
        var line = CloudEventLines.Read(forged, 7, s_import);

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
        var line = CloudEventLines.Read(without, 7, s_import);

        line.Rejected!.Field.ShouldBe(member);
        line.Number.ShouldBe(7);
        line.Utf8.Length.ShouldBe(0);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("{\"id\":\"1\",\"id\":\"2\"}")]
    [InlineData("{\"id\":\"1\"")]
    public void What_is_no_JSON_object_is_rejected_and_kept_as_it_was(string text)
    {
        var line = CloudEventLines.Read(text, 1, s_import);

        line.Rejected.ShouldNotBeNull();
        line.Original.ShouldBe(text);
    }

    [Fact]
    public void A_rejected_line_that_was_corrected_in_its_file_is_imported_from_there()
    {
        string wrong = Good.Replace("\"id\":\"1\",", "", StringComparison.Ordinal);
        var rejected = CloudEventLines.Read(wrong, 3, s_import);
        string written = RejectedLines.Line(3, rejected.Rejected!, rejected.Original!);
        written.ShouldContain(wrong);

        string corrected = written.Replace(
            "{\"specversion\"", "{\"id\":\"1\",\"specversion\"", StringComparison.Ordinal);
        var line = CloudEventLines.Read(corrected, 1, s_import);

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
}
