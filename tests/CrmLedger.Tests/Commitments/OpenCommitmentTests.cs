using System.Text.Json;
using CrmLedger.Commitments;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Commitments;

public class OpenCommitmentTests
{
    [Fact]
    public void A_promise_is_a_row_while_it_is_owed()
    {
        var row = Project(Made, new PromiseReassigned("p1", Ana, Ben, "south", "holiday"), Proposed).ShouldNotBeNull();
        row.CustomerId.ShouldBe(CustomerId);
        (row.Type, row.Id, row.Kind).ShouldBe((CommitmentType.Promise, "p1", "call_back"));
        (row.HolderId, row.HolderTeam, row.Conditions).ShouldBe((Ben, "south", Secret));
        (row.MadeAt, row.FirstDue, row.BindingDue, row.Renegotiations).ShouldBe((Noon, Due, Due, 0));
        row.Status.ShouldBe(PromiseStatus.Renegotiating);
        var agreed = Project(Made, Proposed, Accepted).ShouldNotBeNull();
        (agreed.FirstDue, agreed.BindingDue, agreed.Renegotiations).ShouldBe((Due, NewDue, 1));
        Project((Made, Noon), (Lapsed, Due + Microsecond)).ShouldNotBeNull().Status.ShouldBe(PromiseStatus.Lapsed);
    }

    [Fact]
    public void A_follow_up_is_a_row_while_it_is_owed()
    {
        var row = Project(Scheduled, new FollowUpRescheduled("f1", NewDue, "no answer", true)).ShouldNotBeNull();
        (row.Type, row.Id, row.Kind).ShouldBe((CommitmentType.FollowUp, "f1", "reassure"));
        (row.HolderId, row.HolderTeam, row.Conditions).ShouldBe((Ana, "north", (Sealed?)null));
        (row.MadeAt, row.FirstDue, row.BindingDue, row.Renegotiations).ShouldBe((Noon, Due, NewDue, 1));
        row.Status.ShouldBe(PromiseStatus.Made);
        Project((Scheduled, Noon), (new FollowUpMissed("f1"), Due + Microsecond)).ShouldNotBeNull()
            .Status.ShouldBe(PromiseStatus.Lapsed);
    }

    [Fact]
    public void Nothing_that_is_closed_is_owed()
    {
        Project(Made, DeclaredKept).ShouldBeNull();
        Project((Made, Noon), (Lapsed, Due + Microsecond), (DeclaredKept, NewDue)).ShouldBeNull();
        Project(Made, new PromiseWithdrawn("p1", "sold out")).ShouldBeNull();
        Project(Made, new PromiseReleased("p1")).ShouldBeNull();
        Project(Made, DeclaredKept, Disputed).ShouldBeNull();
        Project(Made, DeclaredKept, Disputed, DeclaredKept).ShouldBeNull();
        Project(Scheduled, Completed).ShouldBeNull();
        Project(Scheduled, new FollowUpCancelled("f1", "moot")).ShouldBeNull();
    }

    [Fact]
    public void A_row_survives_being_stored()
    {
        foreach (var row in new[] { Project(Made, Proposed), Project(Scheduled) })
        {
            string stored = JsonSerializer.Serialize(row, LedgerJson.Options);
            JsonSerializer.Deserialize<OpenCommitment>(stored, LedgerJson.Options).ShouldBe(row);
        }
    }

    [Fact]
    public void The_kept_rate_keeps_every_promise_that_was_made()
    {
        var row = KeptRatePromise.Project(null, CustomerId, Made, At(Noon));
        row = KeptRatePromise.Project(row, CustomerId, DeclaredKept, At(Due)).ShouldNotBeNull();
        row.CustomerId.ShouldBe(CustomerId);
        row.Promise.KeptAt.ShouldBe(Due);
        KeptRatePromise.Project(null, CustomerId, DeclaredKept, At(Due)).ShouldBeNull();
        string stored = JsonSerializer.Serialize(row, LedgerJson.Options);
        JsonSerializer.Deserialize<KeptRatePromise>(stored, LedgerJson.Options).ShouldBe(row);
    }

    private static OpenCommitment? Project(params IEnumerable<IEvent> events) => Project(events.Select(e => (e, Noon)));

    private static OpenCommitment? Project(params IEnumerable<(IEvent Happened, DateTimeOffset Time)> events) =>
        events.Aggregate((OpenCommitment?)null,
            (row, e) => OpenCommitment.Project(row, CustomerId, e.Happened, At(e.Time)));
}
