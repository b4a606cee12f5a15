using System.Text.Json;
using CrmLedger.Cli;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Witnessing;

/// <summary>A receipt for which a witness vouches beside the log.</summary>
public sealed class WitnessedReceiptTests : WitnessTest
{
    private static readonly SignerKey s_stranger = new("stranger/w", SignatureKind.Cosignature, new byte[32]);

    [Fact]
    public async Task A_receipt_of_the_size_that_was_cosigned_holds_with_its_cosignature_and_not_without()
    {
        await CosignAsync("--key", LogKey);
        await RegisterAsync(3);
        string[] witnessed = ["--witness", WitnessKey, "--cosigned", Files + ".checkpoint"];
        string now = await ReceiptAsync(0, size: null);
        string then = await ReceiptAsync(0, size: 5);
        Receipt.Parse(File.ReadAllBytes(now)).Checkpoint.Checkpoint.Size.ShouldBe(8);

        (await VerifyAsync(now, 0)).ExitCode.ShouldBe(ExitCode.Done);
        (await VerifyAsync(then, 0)).ExitCode.ShouldBe(ExitCode.Done);
        var held = await VerifyAsync(then, 0, witnessed);
        (held.ExitCode, held.Error).ShouldBe((ExitCode.Done, ""));
        held.Out.ShouldContain("with 1 of your witnesses");
        var alone = await VerifyAsync(then, 0, "--witness", WitnessKey);
        (alone.ExitCode, alone.Out).ShouldBe(
            (ExitCode.Failed, $"Not verified: Cosigned by 0 of the 1 witnesses required.{Environment.NewLine}"));
        var otherSize = await VerifyAsync(now, 0, witnessed);
        otherSize.ExitCode.ShouldBe(ExitCode.Failed);
        otherSize.Error.ShouldContain("size=5");
        (await VerifyAsync(then, 1, witnessed)).Out.ShouldContain("does not lead");

        // Once what the witness saw is what the receipt is of, the newest one does as well.
        await CosignAsync();
        (await VerifyAsync(now, 0, witnessed)).ExitCode.ShouldBe(ExitCode.Done);
    }

    [Fact]
    public async Task As_many_witnesses_must_have_cosigned_as_are_asked_for_and_no_stranger_counts()
    {
        await CosignAsync("--key", LogKey);
        string receipt = await ReceiptAsync(2, size: 5);
        string stranger = s_stranger.Verifier.ToString();
        string[] both = ["--witness", WitnessKey, "--witness", stranger, "--cosigned", Files + ".checkpoint"];
        (await VerifyAsync(receipt, 2, both)).ExitCode.ShouldBe(ExitCode.Failed);
        (await VerifyAsync(receipt, 2, [.. both, "--witnesses", "2"])).ExitCode.ShouldBe(ExitCode.Failed);
        (await VerifyAsync(receipt, 2, [.. both, "--witnesses", "1"])).ExitCode.ShouldBe(ExitCode.Done);
        (await VerifyAsync(receipt, 2, "--witness", stranger, "--cosigned", Files + ".checkpoint"))
            .ExitCode.ShouldBe(ExitCode.Failed);
        (await VerifyAsync(receipt, 2, [.. both, "--witnesses", "3"])).ExitCode.ShouldBe(ExitCode.Usage);
        (await VerifyAsync(receipt, 2, "--witness", LogKey)).ExitCode.ShouldBe(ExitCode.Usage);
        (await VerifyAsync(receipt, 2, "--witness", "no key")).ExitCode.ShouldBe(ExitCode.Usage);
        (await VerifyAsync(receipt, 2, "--cosigned", Path.GetTempPath())).ExitCode.ShouldBe(ExitCode.Usage);
        var json = JsonElement.Parse((await VerifyAsync(receipt, 2, [.. both, "--witnesses", "1", "--json"])).Out);
        (json.GetProperty("verified").GetBoolean(), json.GetProperty("witnesses").GetInt32()).ShouldBe((true, 1));
    }

    [Fact]
    public async Task A_receipt_of_another_history_than_the_witness_saw_is_proof_of_a_fork()
    {
        await OlderDatabase.BackUpAsync(Ledger.Connections);
        await RegisterAsync(1);
        await CosignAsync("--key", LogKey);
        await RestartAsync(() => OlderDatabase.RestoreAsync(Ledger.Connections));
        await RegisterAsync(1);
        string forked = await ReceiptAsync(5, size: 6);
        (await VerifyAsync(forked, 5)).ExitCode.ShouldBe(ExitCode.Done);
        var refused = await VerifyAsync(
            forked, 5, "--witness", WitnessKey, "--cosigned", Files + ".checkpoint", "--json");
        refused.ExitCode.ShouldBe(ExitCode.Failed);
        JsonElement.Parse(refused.Out).GetProperty("fault").GetString().ShouldBe("fork");
    }

    [Fact]
    public async Task A_size_that_was_never_signed_or_does_not_hold_the_event_has_no_receipt()
    {
        using (var log = new PublishedLog(Ledger.Url, Tenant))
            (await log.CheckpointAsync()).Checkpoint.Size.ShouldBe(5);
        await RegisterAsync(1);
        foreach (string size in new[] { "7", "9223372036854775807" })
            (await AskAsync(0, size)).Status.ShouldBe(404);
        (await AskAsync(5, "5")).Status.ShouldBe(404);
        (await AskAsync(5, "6")).Status.ShouldBe(200);
        (await AskAsync(4, "5")).Status.ShouldBe(200);
        foreach (string bad in new[] { "0", "-1", "five", "" })
            (await AskAsync(0, bad)).Status.ShouldBe(422);
    }

    private string WitnessKey => SignerKey.Parse(
        File.ReadAllText(Path.Combine(State, "witness.key")).TrimEnd('\n')).Verifier.ToString();

    private async Task<JsonElement> EventAsync(int position)
    {
        var log = await Http.GetAsync("/v1/events?limit=100");
        return log.Json.GetProperty("events").EnumerateArray().Single(e => e.GetProperty("position").GetInt32()
            == position);
    }

    private Task<Answer> AskAsync(int position, string size) => AskForAsync(position, $"&size={size}");

    private async Task<Answer> AskForAsync(int position, string more) => await Http.GetAsync(
        $"/v1/events/{(await EventAsync(position)).GetProperty("id").GetString()}/receipt?format=tlog-proof{more}");

    /// <summary>A receipt in a file.</summary>
    private async Task<string> ReceiptAsync(int position, long? size)
    {
        var answer = await AskForAsync(position, size is null ? "" : $"&size={size}");
        answer.Status.ShouldBe(200, answer.Text);
        string file = Path.Combine(State, $"{Guid.CreateVersion7():N}.tlog-proof");
        await File.WriteAllTextAsync(file, answer.Text);
        return file;
    }

    private async Task<Ran> VerifyAsync(string receipt, int position, params string[] options) =>
        await CommandLineOf.RunAsync(Ledger, Http, ["verify", "receipt", receipt, "--key", LogKey, "--leaf",
            (await EventAsync(position)).GetProperty("leafHash").GetString()!, .. options]);
}
