using System.Diagnostics;
using CrmLedger.Cli;

namespace CrmLedger.Tests.Imports;

public sealed class CommandLineTests : IDisposable
{
    private readonly TestShell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("kept-rate", "--by", "weather")]
    [InlineData("history")]
    [InlineData("history", "C-1", "--as-of", "yesterday")]
    [InlineData("import", "events", "/no/such/file")]
    [InlineData("keys", "create", "--tenant", "a", "--scopes", "all")]
    [InlineData("keys", "create", "--tenant", "a", "--scopes", ",")]
    [InlineData("keys", "rotate")]
    [InlineData("keys", "rotate-master", "--new-key", "secret")]
    [InlineData("readings")]
    [InlineData("readings", "C-1", "--csv", "--json")]
    [InlineData("status", "--key", "secret")]
    public async Task A_wrong_command_line_exits_with_2_and_says_where_help_is(params string[] args)
    {
        (await _shell.RunAsync(args)).ShouldBe(ExitCode.Usage);
        _shell.Error.ToString().ShouldContain("--help");
        _shell.Out.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_help_lists_every_exit_code_and_setting()
    {
        (await _shell.RunAsync("--help")).ShouldBe(ExitCode.Done);
        string help = _shell.Out.ToString();
        string[] words =
            ["Exit codes:", "  5  ", "CRMLEDGER_URL", "CRMLEDGER_KEY", "CRMLEDGER_HOME", "ConnectionStrings__Ledger"];
        foreach (string word in words)
            help.ShouldContain(word);
    }

    [Theory]
    [InlineData("keys rotate", "the ids would", "Example: crmledger keys rotate --tenant demo")]
    [InlineData("keys rotate-master", "Backups", "Example: crmledger keys rotate-master")]
    [InlineData("readings", "Needs a key with scope audit.", "Example: crmledger readings C-4711")]
    public async Task A_commands_help_says_what_it_does_and_ends_with_examples(string command, params string[] said)
    {
        (await _shell.RunAsync([.. command.Split(' '), "--help"])).ShouldBe(ExitCode.Done);
        string help = _shell.Out.ToString().ReplaceLineEndings(" ");
        foreach (string words in said)
            help.ShouldContain(words);
    }

    [Fact]
    public async Task The_master_key_is_replaced_only_where_a_ledger_is()
    {
        string home = Path.Combine(_shell.Folder, "mistyped");
        (await _shell.RunAsync("keys", "rotate-master", "--yes", "--home", home)).ShouldBe(ExitCode.Failed);
        Directory.Exists(home).ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_is_not_there_exits_with_4_and_says_how_to_start_one()
    {
        using var network = new NoNetwork();
        _shell.Network = network;
        (await _shell.RunAsync("status")).ShouldBe(ExitCode.NotReachable);
        _shell.Error.ToString().ShouldContain("crmledger serve");
    }

    [Fact]
    public async Task What_the_server_refuses_exits_with_5_and_its_reason()
    {
        (await _shell.RunAsync("history", "C-1")).ShouldBe(ExitCode.Refused);
        _shell.Error.ToString().ShouldBe("The server refused it: There is no such customer." + Environment.NewLine);
    }

    [Fact]
    public async Task Times_are_sent_in_UTC_and_a_reference_is_escaped()
    {
        await _shell.RunAsync("history", "Caller 1/2", "--as-of", "2026-07-01", "--until", "2026-07-01T12:00:00+02:00");
        _shell.Ledger.Asked.Single().ShouldBe(
            "/v1/customers/ref%3ACaller%201%2F2/history?asOf=2026-07-01T00%3A00%3A00.000000Z"
            + "&until=2026-07-01T10%3A00%3A00.000000Z");
    }

    [Theory]
    [InlineData("2026-07-01T12:30Z", "2026-07-01T12:30:00.000000Z")]
    [InlineData("2026-07-01 12:30", "2026-07-01T12:30:00.000000Z")]
    [InlineData("2026-07-01T12:30+02:00", "2026-07-01T10:30:00.000000Z")]
    public async Task A_time_needs_no_seconds(string written, string sent)
    {
        await _shell.RunAsync("history", "C-1", "--as-of", written);
        Uri.UnescapeDataString(_shell.Ledger.Asked.Single()).ShouldEndWith($"asOf={sent}");
    }

    [Theory]
    [InlineData("list")]
    [InlineData("revoke", "3f9a41c07d5be286")]
    [InlineData("rotate")]
    public async Task A_mistyped_folder_does_not_become_a_ledger_without_keys(params string[] args)
    {
        string home = Path.Combine(_shell.Folder, "mistyped");
        (await _shell.RunAsync(["keys", .. args, "--tenant", "demo", "--home", home])).ShouldBe(ExitCode.Failed);

        _shell.Error.ToString().ShouldContain($"There is no ledger in {home}.");
        Directory.Exists(home).ShouldBeFalse();
    }

    [Fact]
    public async Task A_settings_file_that_is_broken_matters_only_to_whom_needs_it()
    {
        _shell.With("CRMLEDGER_HOME", _shell.Folder).Ledger.Answers["/v1/status"] = """{"views":[]}""";
        _shell.File("settings.json", "{");

        (await _shell.RunAsync("status")).ShouldBe(ExitCode.Done);
        (await _shell.With("CRMLEDGER_URL", null).RunAsync("status")).ShouldBe(ExitCode.Usage);
        _shell.Error.ToString().ShouldContain("settings.json is not JSON");
    }

    [Theory]
    [InlineData("""{"status":"ok"}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task An_answer_that_is_somebody_elses_is_not_taken_for_ours(string answer)
    {
        _shell.Ledger.Answers["/v1/status"] = answer;
        _shell.Ledger.Answers["/v1/imports"] = answer;
        (await _shell.RunAsync("status")).ShouldBe(ExitCode.Failed);
        _shell.Error.ToString().ShouldContain("Is a CrmLedger server at this address?");
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_told_from_one_that_is_not_there()
    {
        using var network = new SilentNetwork();
        using var ledger = new LedgerClient(
            new Settings(new("http://ledger.test"), "secret", "a test"), network, TimeProvider.System)
        {
            AnswersWithin = TimeSpan.FromMilliseconds(20),
        };
        var failure = await Should.ThrowAsync<CliFailure>(() => ledger.GetAsync("v1/status", "views", default));

        failure.ExitCode.ShouldBe(ExitCode.NotReachable);
        failure.Message.ShouldStartWith("The server at http://ledger.test/ did not answer within 0 s.");
    }

    [Fact]
    public async Task A_rebuild_takes_as_long_as_it_takes_and_a_terminal_shows_how_long_that_is()
    {
        using var network = new SlowNetwork(_shell.Clock,
            """{"view":"kept-rate","generation":2,"events":1,"rows":1,"quarantined":0,"seconds":400}""");
        (_shell.Network, _shell.ErrorIsTerminal) = (network, true);
        (await _shell.RunAsync("rebuild", "kept-rate")).ShouldBe(ExitCode.Done);

        _shell.Error.ToString().ShouldStartWith("\rRebuilding kept-rate, 1 s\rRebuilding kept-rate, 2 s");
    }

    [Fact]
    public void Other_commands_are_told_of_a_data_folder_that_they_would_not_find()
    {
        static string? Variable(string name) => name switch
        {
            "CRMLEDGER_HOME" => "/mine",
            "XDG_DATA_HOME" => "/data",
            _ => null,
        };
        Settings.HomeOption(Settings.Home("/mine", Variable), Variable).ShouldBe(" --home /mine");
        Settings.HomeOption(Settings.Home("/it's mine", Variable), Variable).ShouldBe(@" --home '/it'\''s mine'");
        Settings.HomeOption(Settings.Home(null, _ => null), Variable)
            .ShouldBe(Environment.IsPrivilegedProcess ? "" : $" --home {Settings.Home(null, _ => null)}");
    }

    [Fact]
    public async Task Without_a_key_the_command_says_how_to_get_one()
    {
        (await _shell.With("CRMLEDGER_KEY", null).RunAsync("status")).ShouldBe(ExitCode.Usage);
        _shell.Error.ToString().ShouldContain("crmledger keys create");
    }

    [Fact]
    public async Task The_settings_files_key_goes_only_to_the_settings_files_address()
    {
        _shell.File("settings.json", """{"url":"http://mine.test:1","key":"mine"}""");
        _shell.With("CRMLEDGER_KEY", null).With("CRMLEDGER_HOME", _shell.Folder);
        _shell.Ledger.Answers["/v1/status"] = """{"views":[]}""";

        (await _shell.RunAsync("status")).ShouldBe(ExitCode.Usage);
        (await _shell.With("CRMLEDGER_URL", null).RunAsync("status", "--json")).ShouldBe(ExitCode.Done);
        _shell.Ledger.Key.ShouldBe("mine");
    }

    [Fact]
    public async Task Flags_go_before_the_environment_and_that_before_the_file()
    {
        _shell.File("settings.json", """{"url":"http://mine.test:1","key":"mine"}""");
        _shell.With("CRMLEDGER_HOME", _shell.Folder).Ledger.Answers["/v1/status"] = """{"views":[]}""";

        await _shell.RunAsync("status", "--json");
        _shell.Ledger.Key.ShouldBe("secret");
        await _shell.RunAsync("status", "--json", "--key-file", _shell.File("key", "of-flag"));
        _shell.Ledger.Key.ShouldBe("of-flag");
    }

    [Fact]
    public async Task A_quarantine_makes_status_exit_with_1()
    {
        _shell.Ledger.Answers["/v1/status"] =
            """
            {"views":[{"name":"kept-rate","generation":1,"position":4,"lag":0,"quarantined":
            [{"streamId":"customer-1","position":3,"reason":"Unknown."}]}]}
            """;
        (await _shell.RunAsync("status")).ShouldBe(ExitCode.Failed);
    }

    [Fact]
    public async Task JSON_is_what_the_server_said_and_nothing_else()
    {
        string said = """{"asOf":"2026-07-01T00:00:00.000000Z","by":"team","total":{"n":3},"groups":[]}""";
        _shell.Ledger.Answers["/v1/kept-rate"] = said;
        (await _shell.RunAsync("kept-rate", "--by", "team", "--json")).ShouldBe(ExitCode.Done);
        _shell.Out.ToString().TrimEnd().ShouldBe(said);
    }

    [Fact]
    public async Task In_a_pipe_a_table_has_no_escape_sequence_and_names_cannot_bring_any()
    {
        _shell.Ledger.Answers["/v1/commitments/open"] =
            """
            {"total":1,"overdue":1,"items":[{"customer":{"name":"Eve\u001b[31m"},"commitment":"follow_up",
            "kind":"reassure","id":"F-1","firstDue":"2026-07-01T09:00:00Z","bindingDue":"2026-07-01T09:00:00Z",
            "overdue":true,"ageSeconds":90000}]}
            """;
        (await _shell.RunAsync("commitments", "open", "--overdue")).ShouldBe(ExitCode.Done);
        string text = _shell.Out.ToString();
        text.ShouldNotContain("\u001b");
        text.ShouldContain("follow up reassure: F-1");
        text.ShouldContain("1 d 1 h");
    }

    /// <summary>Takes a request and never answers.</summary>
    private sealed class SilentNetwork : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new UnreachableException();
        }
    }

    /// <summary>Answers after a while of real time, which is long on the tests' clock.</summary>
    /// <summary>Answers after some seconds of a clock that only moves when somebody waits by it.</summary>
    private sealed class SlowNetwork(SkippingClock clock, string answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asked = clock.Passed;
            while (clock.Passed - asked < TimeSpan.FromSeconds(4))
                await Task.Delay(1, cancellationToken);
            return new HttpResponseMessage { Content = new StringContent(answer) };
        }
    }

    private sealed class NoNetwork : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("Connection refused");
    }
}
