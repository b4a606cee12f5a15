using CrmLedger.EventStore.Tenants;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Http;

/// <summary>A proof that the log holds an event, checked with nothing but the answer.</summary>
public sealed class ReceiptTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    [Fact]
    public async Task Every_event_of_a_log_is_proved_under_one_root_and_an_altered_one_is_not()
    {
        await AppendAsync(Enumerable.Range(0, 300).Select(
            i => CloudEvent($"{i}", "customer_registered", $"customer/c-{i}", new { name = $"Customer {i}" })));
        var log = await LogAsync();
        string? root = null;
        foreach (int position in new[] { 0, 1, 127, 254, 255, 256, 257, 298, 299 })
        {
            var e = log[position];
            var receipt = await ReadAsync($"/v1/events/{e.Text("id")}/receipt");
            (receipt.Number("leafIndex"), receipt.Text("leafHash"), receipt.Number("treeSize"))
                .ShouldBe((position, e.Text("leafHash"), 300));
            root ??= receipt.Text("root");
            receipt.Text("root").ShouldBe(root);
            Verifies(receipt, position).ShouldBeTrue($"position {position}");
            Verifies(receipt, (position + 1) % 300).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task The_answer_to_a_command_says_where_its_receipt_is()
    {
        for (int i = 0; i < 3; i++)
        {
            var e = (await RegisterAsync($"c-{i}")).Items("events")[0];
            var receipt = await ReadAsync(e.Text("receipt")!);
            (receipt.Text("eventId"), receipt.Text("leafHash")).ShouldBe((e.Text("id"), e.Text("leafHash")));
            Verifies(receipt, i).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(Scopes.Append)]
    [InlineData(Scopes.Read)]
    [InlineData(Scopes.Lead)]
    [InlineData(Scopes.Audit)]
    public async Task Whoever_may_do_anything_may_have_a_receipt_which_holds_nobodys_text(string scope)
    {
        var registered = await RegisterAsync("anna");
        using var only = await Ledger.ClientAsync(Tenant, scope);
        var receipt = await only.GetAsync(registered.Items("events")[0].Text("receipt")!);
        receipt.Status.ShouldBe(200, receipt.Text);
        Verifies(receipt, 0).ShouldBeTrue();
        receipt.Text.ShouldNotContain("anna");
        (await ReadAsync("/v1/customers/ref:anna/readings")).Items("readings").ShouldBeEmpty();
    }

    private static bool Verifies(Answer receipt, long index) => MerkleTree.VerifyInclusion(
        Convert.FromBase64String(receipt.Text("leafHash")!), index, receipt.Number("treeSize")!.Value,
        [.. receipt.Items("path").Select(h => Convert.FromBase64String(h.GetString()!))],
        Convert.FromBase64String(receipt.Text("root")!));
}
