using CrmLedger.Cli;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Witnessing;

/// <summary>
/// A log whose operator is the forger: the database is changed by its superuser, all that was signed is forgotten, and
/// the server, which has nothing left to see it by, signs another history.
/// </summary>
public sealed class ContradictionTests : WitnessTest
{
    [Theory]
    [InlineData(1, 1, ProofFault.Fork)]
    [InlineData(1, 300, ProofFault.NotConsistent)]
    [InlineData(300, 301, ProofFault.NotConsistent)]
    [InlineData(300, 1, ProofFault.OlderThanKnown)]
    [InlineData(1, 0, ProofFault.OlderThanKnown)]
    public async Task Another_history_is_not_cosigned_and_both_notes_are_kept(int lost, int added, ProofFault fault)
    {
        await OlderDatabase.BackUpAsync(Ledger.Connections);
        await RegisterAsync(lost);
        await CosignAsync("--key", LogKey);
        string cosigned = Cosigned()!;
        await RestartAsync(() => OlderDatabase.RestoreAsync(Ledger.Connections));
        await RegisterAsync(added);

        string said = await RefusedAsync(ExitCode.Failed, "--key", LogKey);
        said.ShouldContain("DO NOT TRUST THIS LOG");
        said.ShouldContain($"({fault})");
        var known = Evidence("known");
        var offered = Evidence("offered");
        (known.Checkpoint.Size, offered.Checkpoint.Size).ShouldBe((5 + lost, 5 + added));
        var policy = new LogPolicy(VerifierKey.Parse(LogKey));
        known.Check(policy).ShouldBeNull();
        offered.Check(policy).ShouldBeNull();
        File.ReadAllText(Files + ".evidence/fault.txt").ShouldStartWith($"{fault}: ");

        // Whatever the log says from now on, an operator has to look first.
        await RegisterAsync(lost + 1);
        (await RefusedAsync(ExitCode.Failed, "--key", LogKey)).ShouldContain("DO NOT TRUST THIS LOG");
        Directory.Delete(Files + ".evidence", recursive: true);
        (await RefusedAsync(ExitCode.Failed, "--key", LogKey)).ShouldContain("(NotConsistent)");
        Cosigned().ShouldBe(cosigned);
    }

    [Fact]
    public async Task A_log_that_continues_again_is_cosigned_once_the_evidence_is_removed()
    {
        await OlderDatabase.BackUpAsync(Ledger.Connections);
        await RegisterAsync(1);
        await CosignAsync("--key", LogKey);
        await Ledger.DisposeAsync();
        await OlderDatabase.ChangeAsync(Ledger.Connections, "alter schema older rename to oldest");
        await OlderDatabase.BackUpAsync(Ledger.Connections);
        await OlderDatabase.ChangeAsync(Ledger.Connections,
            "alter schema older rename to right_one; alter schema oldest rename to older");
        await Ledger.RestartAsync();
        await RestartAsync(() => OlderDatabase.RestoreAsync(Ledger.Connections));
        await RefusedAsync(ExitCode.Failed, "--key", LogKey);

        await RestartAsync(async () =>
        {
            await OlderDatabase.ChangeAsync(
                Ledger.Connections, "drop schema older cascade; alter schema right_one rename to older");
            await OlderDatabase.RestoreAsync(Ledger.Connections);
        });
        await RegisterAsync(1);
        await RefusedAsync(ExitCode.Failed, "--key", LogKey);
        Directory.Delete(Files + ".evidence", recursive: true);
        await CosignAsync("--key", LogKey);
        SizeCosigned().ShouldBe(7);
    }

    [Fact]
    public async Task A_crash_between_keeping_and_giving_out_loses_nothing_and_lets_no_fork_through()
    {
        await CosignAsync("--key", LogKey);
        await OlderDatabase.BackUpAsync(Ledger.Connections);
        await RegisterAsync(1);
        // Nothing can be given out where a folder stands: the witness ends right before it.
        string file = Files + ".checkpoint";
        File.Move(file, file + ".aside");
        Directory.CreateDirectory(file);
        (await RefusedAsync(ExitCode.Failed)).ShouldContain("cannot be used");
        Directory.Delete(file);
        File.Move(file + ".aside", file);
        SizeCosigned().ShouldBe(5);

        await CosignAsync();
        SizeCosigned().ShouldBe(6);

        await RegisterAsync(1);
        File.Delete(file);
        Directory.CreateDirectory(file);
        (await RefusedAsync(ExitCode.Failed)).ShouldContain("cannot be used");
        Directory.Delete(file);
        await RestartAsync(() => OlderDatabase.RestoreAsync(Ledger.Connections));
        await RegisterAsync(2);
        (await RefusedAsync(ExitCode.Failed, "--key", LogKey)).ShouldContain($"({ProofFault.Fork})");
    }

    [Fact]
    public async Task Tiles_that_do_not_lead_to_the_signed_root_are_no_proof_for_or_against_the_log()
    {
        await CosignAsync("--key", LogKey);
        await RegisterAsync(2);
        await OlderDatabase.BackUpAsync(Ledger.Connections);
        using (var log = new PublishedLog(Ledger.Url, Tenant))
            (await log.CheckpointAsync()).Checkpoint.Size.ShouldBe(7);
        await OlderDatabase.ChangeAsync(Ledger.Connections, "update ledger.tile_edges "
            + "set hashes = overlay(hashes placing sha256('x') from 65 for 32) where level = 0");
        (await RefusedAsync(ExitCode.Failed)).ShouldContain("do not lead to the root");
        Directory.Exists(Files + ".evidence").ShouldBeFalse();
        await OlderDatabase.RestoreAsync(Ledger.Connections);
        await CosignAsync();
        SizeCosigned().ShouldBe(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a checkpoint")]
    [InlineData(null)]
    public async Task A_witness_whose_memory_was_damaged_cosigns_nothing(string? content)
    {
        await CosignAsync("--key", LogKey);
        string kept = await File.ReadAllTextAsync(Files + ".known");
        await RegisterAsync(1);
        if (content is null)
            File.Delete(Files + ".known");
        else
            await File.WriteAllTextAsync(Files + ".known", content);
        (await RefusedAsync(ExitCode.Failed)).ShouldContain(".known");
        await File.WriteAllTextAsync(Files + ".known", kept.Replace("\n5\n", "\n4\n", StringComparison.Ordinal));
        (await RefusedAsync(ExitCode.Failed)).ShouldContain("not what this witness kept");
        await File.WriteAllTextAsync(Files + ".known", kept);
        await CosignAsync();
        SizeCosigned().ShouldBe(6);
    }

    private SignedCheckpoint Evidence(string name) =>
        SignedCheckpoint.Parse(File.ReadAllBytes($"{Files}.evidence/{name}.checkpoint"));
}
