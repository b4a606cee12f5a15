using System.Diagnostics;
using System.Text;
using CrmLedger.Cli;

namespace CrmLedger.Tests.Imports;

/// <summary>What files an import takes, and what it leaves behind.</summary>
public sealed class ImportFileTests : IDisposable
{
    private readonly TestShell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("cdnow", "1 0001 19970101 1 9.99\n1 000\u00e9 19970101 1 9.99\n")]
    [InlineData("uci-incidents", IncidentCsv.Header + "\nINC1,Na\u00efve\n")]
    public async Task A_file_that_is_not_UTF8_is_refused_before_anything_is_sent(string kind, string text)
    {
        (await Import(kind, _shell.FileOf("old.txt", Encoding.Latin1.GetBytes(text)))).ShouldBe(ExitCode.Failed);

        _shell.Error.ToString().ShouldContain("Line 2 of");
        _shell.Error.ToString().ShouldContain("iconv -f WINDOWS-1252 -t UTF-8");
        _shell.Ledger.Declared.ShouldBeFalse();
    }

    [Fact]
    public async Task A_line_that_is_not_UTF8_is_rejected_and_the_others_come_in()
    {
        byte[] lines = Encoding.Latin1.GetBytes($"{Event(1)}\n{Event(2, "customer/Zo\u00eb")}\n{Event(3)}\n");
        (await Import("events", _shell.FileOf("july.jsonl", lines))).ShouldBe(ExitCode.SomeRejected);

        _shell.Ledger.Appended.Select(e => e.Id).ShouldBe(["1", "3"]);
        _shell.Out.ToString().ShouldContain("3 rows, 2 events added, 0 there already, 1 rejected");
    }

    [Theory]
    [InlineData("cdnow")]
    [InlineData("events")]
    [InlineData("uci-incidents")]
    public async Task A_file_without_rows_is_refused(string kind)
    {
        string[] lines = kind == "uci-incidents" ? [IncidentCsv.Header] : ["", "  "];
        (await Import(kind, _shell.File("empty", lines))).ShouldBe(ExitCode.Failed);

        _shell.Error.ToString().ShouldContain("has no rows");
        _shell.Ledger.Declared.ShouldBeFalse();
    }

    [Fact]
    public async Task A_pipe_is_refused_for_it_can_be_read_only_once()
    {
        string pipe = Path.Combine(_shell.Folder, "pipe");
        await Process.Start("mkfifo", [pipe]).WaitForExitAsync();
        // Opened for both, so that opening it for reading does not wait for a writer.
        await using var writer = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        (await Import("events", pipe)).ShouldBe(ExitCode.Usage);

        _shell.Error.ToString().ShouldContain("FILE must be a regular file");
        _shell.Ledger.Declared.ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named()
    {
        string file = _shell.File("july.jsonl", Event(1));
        // Another process writes to it and shares it with nobody: root may read any file otherwise.
        await using var writer = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        (await Import("events", file)).ShouldBe(ExitCode.Failed);

        _shell.Error.ToString().ShouldContain($"{file} cannot be read: ");
        _shell.Error.ToString().ShouldNotContain("--home");
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_imported_is_not_completed()
    {
        string[] lines = [.. Enumerable.Range(1, 20_000).Select(i => Event(i))];
        string file = _shell.File("july.jsonl", lines);
        _shell.Ledger.BeforeBatch = () => File.WriteAllLines(file, lines.Append(Event(20_001)));
        (await Import("events", file)).ShouldBe(ExitCode.Failed);

        _shell.Error.ToString().ShouldContain("changed while it was imported");
        _shell.Ledger.Completed.ShouldBeNull();
    }

    [Fact]
    public async Task Blank_lines_are_no_rows()
    {
        (await Import("events", _shell.File("july.jsonl", "", Event(1), " ", Event(2), ""))).ShouldBe(ExitCode.Done);
        _shell.Ledger.Completed.ShouldBe((2, 2));
    }

    [Fact]
    public async Task A_line_without_end_is_rejected_and_what_follows_it_comes_in()
    {
        string file = _shell.File("july.jsonl", Event(1), new string('x', 3 << 20), Event(3));
        (await Import("events", file)).ShouldBe(ExitCode.SomeRejected);

        _shell.Ledger.Appended.Select(e => e.Id).ShouldBe(["1", "3"]);
        new FileInfo(file + ".rejected.jsonl").Length.ShouldBeLessThan(1000);
    }

    [Fact]
    public async Task Rejected_lines_are_for_their_owner_only_and_nothing_is_left_beside_them()
    {
        string file = _shell.File("july.jsonl", "oops");
        await Import("events", file);

        Directory.GetFiles(_shell.Folder).Order().ShouldBe([file, file + ".rejected.jsonl"]);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file + ".rejected.jsonl")
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task An_import_that_fails_leaves_no_rejected_lines()
    {
        string file = _shell.File("july.jsonl", "oops", Event(1));
        _shell.Ledger.StopsAfter = 0;
        (await Import("events", file)).ShouldBe(ExitCode.Refused);

        Directory.GetFiles(_shell.Folder).ShouldBe([file]);
    }

    [Fact]
    public async Task Corrections_in_an_earlier_file_of_rejected_lines_are_kept_and_it_is_said_where()
    {
        string file = _shell.File("july.jsonl", "oops");
        await Import("events", file);
        await Import("events", file);
        _shell.Out.ToString().ShouldNotContain(".previous");

        string rejected = _shell.File("july.jsonl.rejected.jsonl", "corrected");
        await Import("events", file);
        _shell.Out.ToString().ShouldContain($"The earlier {rejected} is kept as {rejected}.previous.");
        (await File.ReadAllTextAsync(rejected + ".previous")).ShouldStartWith("corrected");
        (await File.ReadAllTextAsync(rejected)).ShouldContain("oops");
    }

    [Fact]
    public async Task A_file_of_rejected_lines_goes_when_nothing_is_rejected_any_more_and_no_other_file_does()
    {
        string file = _shell.File("july.jsonl", Event(1));
        _shell.Ledger.Rejects = _ => true;
        await Import("events", file);
        _shell.Ledger.Rejects = _ => false;
        (await Import("events", file)).ShouldBe(ExitCode.Done);
        _shell.Out.ToString().ShouldContain($"{file}.rejected.jsonl of an earlier run was removed.");
        File.Exists(file + ".rejected.jsonl").ShouldBeFalse();

        string notes = _shell.File("notes.txt", "mine");
        (await Import("events", file, "--rejected", notes)).ShouldBe(ExitCode.Done);
        File.Exists(notes).ShouldBeTrue();
    }

    private Task<int> Import(string kind, string file, params string[] more) =>
        _shell.RunAsync(["import", kind, file, .. more]);

    private static string Event(int id, string subject = "customer/C-1") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"crm","type":"promise_declared_kept","""
        + $$"""
          "subject":"{{subject}}","data":{} }
          """;
}
