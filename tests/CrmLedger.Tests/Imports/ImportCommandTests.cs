using System.Net;
using System.Text.Json;
using CrmLedger.Cli;

namespace CrmLedger.Tests.Imports;

public sealed class ImportCommandTests : IDisposable
{
    private readonly TestShell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task An_import_is_declared_sent_and_completed()
    {
        (await Import("cdnow", Purchases(customers: 3, each: 2))).ShouldBe(ExitCode.Done);

        _shell.Ledger.Completed.ShouldBe((6, 9));
        _shell.Ledger.Key.ShouldBe("secret");
        _shell.Out.ToString().ShouldContain("6 rows, 9 events added, 0 there already, 0 rejected");
        _shell.Error.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task On_a_terminal_the_progress_counts_the_files_rows_with_rate_and_time_left()
    {
        _shell.ErrorIsTerminal = true;
        (await Import("cdnow", Purchases(customers: 3, each: 2))).ShouldBe(ExitCode.Done);

        _shell.Error.ToString().ShouldContain(" of 6 rows, ");
        _shell.Error.ToString().ShouldContain("/s, 0 s left");
    }

    [Fact]
    public async Task A_second_run_of_a_completed_import_sends_nothing_and_says_so()
    {
        string file = Purchases(customers: 3, each: 2);
        await Import("cdnow", file);
        (await Import("cdnow", file)).ShouldBe(ExitCode.Done);

        _shell.Ledger.Batches.ShouldBe(1 + 1);
        _shell.Out.ToString().ShouldContain(
            "This file was imported on 2026-07-01 09:30 UTC: 9 events. Nothing to add: 0 events added.");
    }

    [Fact]
    public async Task A_customers_events_arrive_in_order_with_at_most_two_requests_under_way()
    {
        string file = Purchases(customers: 3000, each: 3);
        _shell.Ledger.Troubles.Enqueue(HttpStatusCode.ServiceUnavailable);
        (await Import("cdnow", file)).ShouldBe(ExitCode.Done);

        _shell.Ledger.Appended.Count.ShouldBe(12_000);
        _shell.Ledger.MostUnderWay.ShouldBe(2);
        foreach (var customer in _shell.Ledger.Appended.GroupBy(e => e.Subject))
        {
            string number = customer.Key["customer/cdnow-".Length..];
            string[] told = ["registered/19970101", "19970101/1", "19970102/1", "19970103/1"];
            customer.Select(e => e.Id).ShouldBe(told.Select(id => $"{number}/{id}"));
        }
    }

    [Fact]
    public async Task A_stopped_import_goes_on_where_it_was()
    {
        string file = Purchases(customers: 3000, each: 3);
        _shell.Ledger.StopsAfter = 2;
        (await Import("cdnow", file)).ShouldBe(ExitCode.Refused);
        _shell.Error.ToString().ShouldContain("Running the same import again goes on from there.");
        _shell.Ledger.Completed.ShouldBeNull();

        _shell.Ledger.StopsAfter = null;
        (await Import("cdnow", file)).ShouldBe(ExitCode.Done);
        _shell.Ledger.Appended.Count.ShouldBe(12_000);
        _shell.Out.ToString().ShouldContain("8,000 events added, 4,000 there already");
        _shell.Ledger.Completed.ShouldBe((9000, 12_000));
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A_busy_server_is_asked_again(HttpStatusCode trouble)
    {
        for (int i = 0; i < 4; i++)
            _shell.Ledger.Troubles.Enqueue(trouble);

        (await Import("cdnow", Purchases(customers: 1, each: 1))).ShouldBe(ExitCode.Done);
    }

    [Fact]
    public async Task Lines_that_are_turned_away_only_for_the_moment_are_sent_again_in_order()
    {
        int times = 3;
        _shell.Ledger.RejectedStatus = 503;
        _shell.Ledger.Rejects = line => line.GetProperty("id").GetString() == "0001/19970101/1" && times-- > 0;
        (await Import("cdnow", Purchases(customers: 1, each: 2))).ShouldBe(ExitCode.Done);

        _shell.Out.ToString().ShouldContain("3 events added, 0 there already, 0 rejected");
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up_after_about_a_minute()
    {
        for (int i = 0; i < 1000; i++)
            _shell.Ledger.Troubles.Enqueue(HttpStatusCode.ServiceUnavailable);

        (await Import("cdnow", Purchases(customers: 1, each: 1))).ShouldBe(ExitCode.NotReachable);
        _shell.Clock.Passed.TotalSeconds.ShouldBeInRange(40, 75);
        _shell.Error.ToString().ShouldContain("Running the same import again goes on from there.");
    }

    [Fact]
    public async Task A_wrong_file_is_named_by_line_and_column_and_nothing_is_sent()
    {
        string file = _shell.File("wrong.txt", "1 0001 19970101 2 29.33", "1 0001 19970101 2 much");
        (await Import("cdnow", file)).ShouldBe(ExitCode.Failed);

        _shell.Error.ToString().ShouldContain("Line 2, column dollars");
        _shell.Ledger.Declared.ShouldBeFalse();
    }

    [Fact]
    public async Task Rejected_lines_are_kept_in_a_file_and_the_import_stays_open()
    {
        _shell.Ledger.Rejects = line => line.GetProperty("id").GetString() == "2";
        string file = _shell.File("july.jsonl", Event(1), Event(2), "oops", "", Event(3));
        (await Import("events", file, "--json")).ShouldBe(ExitCode.SomeRejected);

        var report = JsonElement.Parse(_shell.Out.ToString());
        report.GetProperty("appended").GetInt64().ShouldBe(2);
        report.GetProperty("rejected").GetInt64().ShouldBe(2);
        report.GetProperty("completed").GetBoolean().ShouldBeFalse();
        _shell.Ledger.Completed.ShouldBeNull();
        string[] written = await File.ReadAllLinesAsync(file + ".rejected.jsonl");
        var rejected = written.Select(l => JsonElement.Parse(l)).ToList();
        rejected.Select(r => r.GetProperty("line").GetInt64()).ShouldBe([3, 2], ignoreOrder: true);
        var refused = rejected.Single(r => r.GetProperty("line").GetInt64() == 2);
        refused.GetProperty("reason").GetString().ShouldBe("This cannot be.");
        refused.GetProperty("field").GetString().ShouldBe("/data/promiseId");
        refused.GetProperty("event").GetRawText().ShouldBe(Event(2));
    }

    [Fact]
    public async Task A_person_who_is_there_already_does_not_keep_an_import_from_being_complete()
    {
        _shell.Ledger.Rejects = line => line.GetProperty("type").GetString() == "customer_registered";
        _shell.Ledger.RejectedCode = "customer_exists";
        (await Import("cdnow", Purchases(customers: 2, each: 3))).ShouldBe(ExitCode.Done);

        _shell.Out.ToString().ShouldContain("6 rows, 6 events added, 2 there already, 0 rejected");
        _shell.Ledger.Completed.ShouldBe((6, 8));
    }

    [Fact]
    public async Task A_registration_of_a_file_of_events_that_is_there_already_is_rejected()
    {
        _shell.Ledger.Rejects = _ => true;
        _shell.Ledger.RejectedCode = "customer_exists";
        string line = Event(1).Replace("promise_declared_kept", "customer_registered", StringComparison.Ordinal);
        (await Import("events", _shell.File("july.jsonl", line))).ShouldBe(ExitCode.SomeRejected);
    }

    [Fact]
    public async Task Both_spellings_of_a_reference_are_one_stream_and_so_is_what_an_id_may_mean()
    {
        string[] subjects = ["customer/anna", "customer/ref:anna", $"customer/{Guid.Empty}"];
        string[] lines = [.. Enumerable.Range(1, 9000).Select(i => Event(i, subjects[i / 3000 % 3]))];
        (await Import("events", _shell.File("order.jsonl", lines))).ShouldBe(ExitCode.Done);

        _shell.Ledger.Appended.Select(e => int.Parse(e.Id)).ShouldBe(Enumerable.Range(1, 9000));
        _shell.Ledger.MostUnderWay.ShouldBe(1);
    }

    [Fact]
    public async Task Members_arrive_before_the_lines_that_follow_them_whatever_the_lane()
    {
        string[] lines =
            [.. Enumerable.Range(1, 5000).Select(i => Event(i, i % 100 == 50 ? "member/M" : $"customer/C-{i}"))];
        (await Import("events", _shell.File("order.jsonl", lines))).ShouldBe(ExitCode.Done);

        var arrived = _shell.Ledger.Appended.Select(e => int.Parse(e.Id)).ToList();
        arrived.Count.ShouldBe(5000);
        for (int at = 0; at < arrived.Count; at++)
        {
            if (arrived[at] % 100 == 50)
                arrived.Take(at).ShouldAllBe(earlier => earlier < arrived[at]);
        }
    }

    private Task<int> Import(string kind, string file, params string[] more) =>
        _shell.RunAsync(["import", kind, file, .. more]);

    private string Purchases(int customers, int each) => _shell.File("purchases.txt",
    [
        .. from day in Enumerable.Range(1, each)
           from customer in Enumerable.Range(1, customers)
           select $"1 {customer:0000} 199701{day:00} 1 9.99",
    ]);

    private static string Event(int id, string subject = "customer/C-1") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"crm","type":"promise_declared_kept","""
        + $$"""
          "subject":"{{subject}}","data":{} }
          """;
}
