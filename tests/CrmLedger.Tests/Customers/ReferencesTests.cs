using CrmLedger.Annulments;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using CrmLedger.Touchpoints;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Customers;

public class ReferencesTests
{
    private static readonly DeciderSpecification s_open = ACustomer.Given(Scheduled);

    private static readonly ICommand[] s_referring =
    [
        new MakePromise("p1", "call_back", Secret, Due, Ana, "north", TouchpointId: "t1"),
        new ScheduleFollowUp("f2", Due, FollowUpPurpose.Reassure, Ana, "north", "t1"),
        new CompleteFollowUp("f1", "t1"),
        new RequestFeedback("b1", FeedbackKind.Csat, TouchpointId: "t1"),
        new ReceiveFeedback("b1", FeedbackKind.Csat, 4, TouchpointId: "t1"),
    ];

    [Fact]
    public void Every_command_that_names_a_touchpoint_is_checked() => typeof(ICommand).Assembly.GetTypes()
        .Where(t => t.IsAssignableTo(typeof(ICommand)) && t.IsClass && t.GetProperty("TouchpointId") is not null)
        .Except([typeof(RecordTouchpoint)])
        .ShouldBe(s_referring.Select(c => c.GetType()), ignoreOrder: true);

    [Fact]
    public void A_touchpoint_that_is_named_is_there()
    {
        foreach (var command in s_referring)
        {
            s_open.When(command).ThenRejected(RejectionCode.TouchpointUnknown, "touchpointId");
            s_open.Given(Touched).When(command).Decision.Rejection.ShouldBeNull();
            s_open.When(command, Imported(Noon)).Decision.Rejection.ShouldBeNull();
        }
    }

    [Fact]
    public void A_concern_that_is_named_is_there()
    {
        var make = new MakePromise("p1", "call_back", Secret, Due, Ana, "north", ConcernId: "c1");
        ACustomer.When(make).ThenRejected(RejectionCode.ConcernUnknown, "concernId");
        ACustomer.Given(Raised).When(make).Then(Made with { ConcernId = "c1" });
        ACustomer.When(make, Imported(Noon)).Then(Made with { ConcernId = "c1" });
    }

    [Fact]
    public void An_annulled_touchpoint_is_not_there_and_what_named_it_stands()
    {
        var annulled = ACustomer.Given(
            Touched, Made with { TouchpointId = "t1" }, new EntryAnnulled(EventId(2), "a slip"));
        annulled.State.Promises.ShouldContainKey("p1");
        annulled.When(new ScheduleFollowUp("f1", Due, FollowUpPurpose.Reassure, Ana, "north", "t1"))
            .ThenRejected(RejectionCode.TouchpointUnknown, "touchpointId");
        annulled.When(new RecordTouchpoint("t1", Channel.Phone, Direction.Inbound, Ana, "north"))
            .Then(Touched with { Practices = [] });
    }
}
