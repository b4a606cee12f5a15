using CrmLedger.Cli;
using CrmLedger.Cli.Import;

namespace CrmLedger.Tests.Imports;

public class CdnowTests
{
    [Fact]
    public void A_customer_is_registered_at_its_first_purchase_and_purchases_follow_by_day()
    {
        Cdnow.ToEvents(Read(
            " 00004 0001 19970118  2   29.73",
            " 00004 0001 19970101  2\t  29.33",
            " 00021 0002 19970101  3   63.34")).Lines().ShouldBe(
        [
            "1997-01-01 12:00 customer_registered 0001/registered/19970101",
            "1997-01-01 12:00 purchase_recorded 0001/19970101/1",
            "1997-01-18 12:00 purchase_recorded 0001/19970118/1",
            "1997-01-01 12:00 customer_registered 0002/registered/19970101",
            "1997-01-01 12:00 purchase_recorded 0002/19970101/1",
        ]);
    }

    [Fact]
    public void A_purchase_is_in_cents_and_its_customer_has_the_samples_id()
    {
        var purchase = Cdnow.ToEvents(Read("00004 0001 19970101 2 29.33")).Of("purchase_recorded");

        purchase.Subject.ShouldBe("customer/cdnow-0001");
        purchase.Data["amountMinor"]!.GetValue<long>().ShouldBe(2933);
        purchase.Data["currency"]!.GetValue<string>().ShouldBe("USD");
        purchase.Marks!["quantity"].ShouldBe("2");
    }

    [Fact]
    public void Two_purchases_of_one_day_stay_two_in_the_files_order()
    {
        Cdnow.ToEvents(Read("1 0001 19970101 2 29.33", "1 0001 19970101 2 29.33"))
            .Where(e => e.Type == "purchase_recorded").Select(e => e.Id)
            .ShouldBe(["0001/19970101/1", "0001/19970101/2"]);
    }

    [Theory]
    [InlineData("1 0001 19970101 2", "dollars")]
    [InlineData("1 0001 19970101 2 29.33 7", "dollars")]
    [InlineData("1 0001 19970231 2 29.33", "date")]
    [InlineData("1 0001 19970101 two 29.33", "number of CDs")]
    [InlineData("1 0001 19970101 2 29.333", "dollars")]
    [InlineData("1 0001 19970101 2 -1", "dollars")]
    public void A_wrong_cell_is_named_by_line_and_column(string row, string column)
    {
        var fault = Should.Throw<FileFault>(() => Read("1 0001 19970101 2 29.33", row));

        fault.Line.ShouldBe(2);
        fault.Column.ShouldBe(column);
    }

    private static List<CdnowRow> Read(params string[] rows)
    {
        using var text = new StringReader(string.Join("\r\n", rows));
        return Cdnow.Read(text);
    }
}
