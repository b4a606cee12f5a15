using System.Text;
using CrmLedger.Cli.Import;
using static CrmLedger.Tests.Imports.IncidentCsv;

namespace CrmLedger.Tests.Imports;

public class UciIncidentsTests
{
    [Fact]
    public void An_incident_is_told_from_its_opening_to_its_resolution()
    {
        Events(
            Row("01-03-2016 09:05", state: "New", resolved: "02-03-2016 10:00"),
            Row("02-03-2016 10:00", state: "Resolved", resolved: "02-03-2016 10:00"),
            Row("07-03-2016 11:00", state: "Closed", resolved: "02-03-2016 10:00")).Lines().ShouldBe(
        [
            "2016-03-01 09:00 member_joined INC1/concern/joined",
            "2016-03-01 09:05 member_joined INC1/touchpoint/1/joined",
            "2016-03-01 09:00 customer_registered INC1/registered",
            "2016-03-01 09:00 concern_raised INC1/concern",
            "2016-03-01 09:00 touchpoint_recorded INC1/touchpoint/opened",
            "2016-03-01 09:00 promise_made INC1/promise",
            "2016-03-01 09:05 touchpoint_recorded INC1/touchpoint/1",
            "2016-03-02 10:00 touchpoint_recorded INC1/touchpoint/2",
            "2016-03-02 10:00 concern_resolved INC1/resolved",
            "2016-03-02 10:00 promise_declared_kept INC1/kept",
            "2016-03-07 11:00 touchpoint_recorded INC1/touchpoint/3",
        ]);
    }

    [Theory]
    [InlineData("1 - Critical", "critical", "2016-03-01T13:00:00.000000Z")]
    [InlineData("2 - High", "high", "2016-03-02T09:00:00.000000Z")]
    [InlineData("3 - Moderate", "normal", "2016-03-06T09:00:00.000000Z")]
    [InlineData("4 - Low", "low", "2016-03-11T09:00:00.000000Z")]
    public void The_first_rows_priority_gives_the_severity_and_the_due_date(
        string priority, string severity, string due)
    {
        var events = Events(Row("01-03-2016 09:05", priority: priority), Row("01-03-2016 09:06", priority: "2 - High"));

        events.Of("concern_raised").Data["severity"]!.GetValue<string>().ShouldBe(severity);
        events.Of("promise_made").Data["dueAt"]!.GetValue<string>().ShouldBe(due);
    }

    [Fact]
    public void The_promise_is_made_by_whom_the_first_row_names_and_says_that_its_due_date_is_ours()
    {
        var promise = Events(
            Row("01-03-2016 09:05", group: "Group 7", to: "Resolver 3"),
            Row("01-03-2016 09:06", group: "Group 8", to: "Resolver 4")).Of("promise_made");

        promise.Data["memberId"]!.GetValue<string>().ShouldBe("ref:Resolver 3");
        promise.Data["team"]!.GetValue<string>().ShouldBe("Group 7");
        promise.Data["kind"]!.GetValue<string>().ShouldBe("resolve-incident");
        promise.Marks!["derived"].ShouldBe("dueAt");
    }

    [Fact]
    public void A_question_mark_is_the_member_and_the_team_called_unassigned()
    {
        var events = Events(
            Row("01-03-2016 09:05", group: "?", to: "?"),
            Row("01-03-2016 09:06", group: "Group 1", to: "?"));

        events.Of("promise_made").Data["memberId"]!.GetValue<string>().ShouldBe("ref:unassigned");
        events.Of("promise_made").Data["team"]!.GetValue<string>().ShouldBe("unassigned");
        events.Of("promise_reassigned").Data["toTeam"]!.GetValue<string>().ShouldBe("Group 1");
        var unassigned = events.Single(e => e.Subject == "member/unassigned");
        unassigned.Data["team"]!.GetValue<string>().ShouldBe("unassigned");
    }

    [Fact]
    public void An_incident_without_a_resolution_stays_undeclared()
    {
        Events(Row("01-03-2016 09:05"), Row("09-03-2016 09:05", state: "Closed"))
            .ShouldNotContain(e => e.Type == "promise_declared_kept" || e.Type == "concern_resolved");
    }

    [Fact]
    public void Another_member_or_team_reassigns_the_promise_only_while_it_is_open()
    {
        string resolved = "02-03-2016 10:00";
        Events(
            Row("01-03-2016 09:05", to: "Resolver 1", resolved: resolved),
            Row("01-03-2016 09:06", to: "Resolver 1", resolved: resolved),
            Row("01-03-2016 09:07", to: "Resolver 2", resolved: resolved),
            Row("01-03-2016 09:08", to: "Resolver 2", group: "Group 2", resolved: resolved),
            Row("03-03-2016 09:00", to: "Resolver 3", resolved: resolved))
            .Where(e => e.Type == "promise_reassigned").Lines().ShouldBe(
        [
            "2016-03-01 09:07 promise_reassigned INC1/reassigned/3",
            "2016-03-01 09:08 promise_reassigned INC1/reassigned/4",
        ]);
    }

    [Fact]
    public void What_is_reopened_had_been_resolved_by_the_row_before()
    {
        string resolved = "03-03-2016 10:00";
        Events(
            Row("01-03-2016 09:05", resolved: resolved),
            Row("02-03-2016 09:00", state: "Resolved", resolved: resolved),
            Row("02-03-2016 15:00", reopened: 1, resolved: resolved),
            Row("03-03-2016 10:00", state: "Resolved", reopened: 1, resolved: resolved))
            .Where(e => e.Type.StartsWith("concern_", StringComparison.Ordinal)).Lines().ShouldBe(
        [
            "2016-03-01 09:00 concern_raised INC1/concern",
            "2016-03-02 09:00 concern_resolved INC1/resolved/2",
            "2016-03-02 15:00 concern_reopened INC1/reopened/3",
            "2016-03-03 10:00 concern_resolved INC1/resolved",
        ]);
    }

    [Fact]
    public void A_customer_is_registered_first_even_where_the_source_updated_before_it_opened_and_no_time_is_moved()
    {
        Events(Row("01-03-2016 07:30", opened: "01-03-2016 09:00")).OfCustomers().Lines().ShouldBe(
        [
            "2016-03-01 09:00 customer_registered INC1/registered",
            "2016-03-01 07:30 touchpoint_recorded INC1/touchpoint/1",
            "2016-03-01 09:00 concern_raised INC1/concern",
            "2016-03-01 09:00 touchpoint_recorded INC1/touchpoint/opened",
            "2016-03-01 09:00 promise_made INC1/promise",
        ]);
    }

    [Fact]
    public void A_customers_incidents_are_told_in_one_story_by_time()
    {
        var events = Events(
            Row("02-03-2016 09:05", number: "INC1", opened: "02-03-2016 09:00"),
            Row("04-03-2016 09:05", number: "INC1", opened: "02-03-2016 09:00"),
            Row("01-03-2016 08:05", number: "INC2", opened: "01-03-2016 08:00"),
            Row("03-03-2016 08:05", number: "INC2", opened: "01-03-2016 08:00")).OfCustomers().ToList();

        events.Select(e => e.Time).ShouldBeInOrder();
        events[0].Id.ShouldBe("INC2/registered");
        events.Count(e => e.Type == "customer_registered").ShouldBe(1);
    }

    [Fact]
    public void Every_member_joins_once_before_anybody_needs_the_member()
    {
        var events = Events(
            Row("01-03-2016 09:05", by: "Updated by 1"),
            Row("01-03-2016 09:06", by: "Updated by 2", to: "Resolver 2"),
            Row("01-03-2016 09:07", by: "Updated by 1"));
        var joined = new HashSet<string>();
        foreach (var happened in events)
        {
            if (happened.Type == "member_joined")
                joined.Add("ref:" + happened.Subject["member/".Length..]).ShouldBeTrue();
            else if ((happened.Data["memberId"] ?? happened.Data["toMemberId"]) is { } member)
                joined.ShouldContain(member.GetValue<string>());
        }
        joined.Count.ShouldBe(4);
        events.Count(e => e.EndsRow).ShouldBe(3, "each row has one event that stands for it");
    }

    [Fact]
    public void A_longer_copy_of_the_log_says_the_same_of_what_both_hold()
    {
        string[] rows =
        [
            Row("01-03-2016 09:05", number: "INC1", caller: "Caller 1", by: "Updated by 1"),
            Row("02-03-2016 09:05", number: "INC2", caller: "Caller 2", by: "Updated by 2", opened: "02-03-2016 09:00"),
            Row("29-02-2016 09:05", number: "INC3", caller: "Caller 2", by: "Updated by 3", opened: "29-02-2016 09:00"),
            Row("29-02-2016 09:05", number: "INC4", caller: "Caller 1", by: "Updated by 1", opened: "29-02-2016 09:00"),
        ];
        static Dictionary<string, string> ById(string[] rows) =>
            Events(rows).ToDictionary(e => e.Id, e => Encoding.UTF8.GetString(e.ToUtf8(Guid.Empty)));
        var (some, all) = (ById(rows[..2]), ById(rows));

        foreach (string id in some.Keys.Where(all.ContainsKey))
            all[id].ShouldBe(some[id]);
        // Somebody who comes in by another event is somebody who is there already.
        some.Keys.Where(id => !all.ContainsKey(id))
            .ShouldAllBe(id => id.EndsWith("joined") || id.EndsWith("registered"));
    }

    [Fact]
    public void The_sources_verdict_travels_with_the_incidents_last_event()
    {
        var marked = Events(Row("01-03-2016 09:05", madeSla: "TRUE"), Row("09-03-2016 09:05", madeSla: "FALSE"))
            .Single(e => e.Marks?.ContainsKey("madesla") == true);

        marked.Id.ShouldBe("INC1/touchpoint/2");
        marked.Marks!["madesla"].ShouldBe("false");
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        string[] rows =
        [
            Row("01-03-2016 09:05", number: "INC1"), Row("01-03-2016 09:05", number: "INC2", caller: "Caller 2"),
            Row("01-03-2016 09:05", number: "INC3", resolved: "01-03-2016 09:05"),
        ];
        string Text() => string.Join('\n', Events(rows).Select(e => Encoding.UTF8.GetString(e.ToUtf8(Guid.Empty))));

        Text().ShouldBe(Text());
        Events(rows).Select(e => e.Id).ShouldBeUnique();
    }

    [Fact]
    public void Agreement_compares_kept_by_the_first_due_date_with_made_sla()
    {
        var agreement = UciIncidents.Agreement(Rows(
            Row("01-03-2016 09:05", number: "INC1", madeSla: "TRUE", resolved: "06-03-2016 09:00"),
            Row("01-03-2016 09:05", number: "INC2", madeSla: "TRUE", resolved: "06-03-2016 09:01"),
            Row("01-03-2016 09:05", number: "INC3", madeSla: "FALSE", resolved: "?")));

        agreement.Agree.ShouldBe(2);
        agreement.Incidents.ShouldBe(3);
    }
}
