using CrmLedger.Cli;
using CrmLedger.Cli.Import;
using static CrmLedger.Tests.Imports.IncidentCsv;

namespace CrmLedger.Tests.Imports;

public class UciIncidentFileTests
{
    [Fact]
    public void A_missing_column_is_named()
    {
        using var text = new StringReader(Header.Replace(",priority", "", StringComparison.Ordinal));
        var fault = Should.Throw<FileFault>(() => UciIncidentFile.Read(text));

        fault.Line.ShouldBe(1);
        fault.Column.ShouldBe("priority");
    }

    [Fact]
    public void An_empty_file_is_refused()
    {
        using var text = new StringReader("");
        Should.Throw<FileFault>(() => UciIncidentFile.Read(text)).Message.ShouldContain("empty");
    }

    [Theory]
    [InlineData("opened_at", "2016-03-01 09:00")]
    [InlineData("opened_at", "31-02-2016 09:00")]
    [InlineData("opened_at", "?")]
    [InlineData("sys_updated_at", "soon")]
    [InlineData("resolved_at", "01-13-2016 09:00")]
    [InlineData("priority", "5 - Whenever")]
    [InlineData("priority", "?")]
    [InlineData("reopen_count", "-1")]
    [InlineData("made_sla", "yes")]
    [InlineData("number", "?")]
    public void A_wrong_cell_is_named_by_line_and_column(string column, string cell)
    {
        string[] cells = Row("01-03-2016 09:05").Split(',');
        cells[Array.IndexOf(Header.Split(','), column)] = cell;

        var fault = Should.Throw<FileFault>(() => Rows(Row("01-03-2016 09:05"), string.Join(',', cells)));

        fault.Line.ShouldBe(3);
        fault.Column.ShouldBe(column);
        fault.Message.ShouldContain("Nothing was sent.");
    }

    [Fact]
    public void A_row_with_too_few_cells_is_named()
    {
        var fault = Should.Throw<FileFault>(() => Rows("INC1,New,0"));

        fault.Line.ShouldBe(2);
        fault.Message.ShouldContain("3 cells");
    }

    [Fact]
    public void Columns_are_found_by_name_and_quotation_marks_are_understood()
    {
        string quoted = Row("01-03-2016 09:05", state: "\"New, still\"");
        using var text = new StringReader($"extra,{Header}\r\n\"a, \"\"b\"\"\",{quoted}\r\n");
        var row = UciIncidentFile.Read(text).ShouldHaveSingleItem();

        row.State.ShouldBe("New, still");
        row.OpenedAt.ShouldBe(new DateTimeOffset(2016, 3, 1, 9, 0, 0, TimeSpan.Zero));
    }
}
