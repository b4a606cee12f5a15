using CrmLedger.Annulments;
using CrmLedger.Members;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Members;

public class MemberTests
{
    [Fact]
    public void A_member_whose_move_was_annulled_is_in_the_old_team_again() => AMember
        .Given(Joined, new MemberMovedTeam("north", "south"), new EntryAnnulled(EventId(2), "a slip"))
        .When(new MoveMemberToTeam("south")).Then(new MemberMovedTeam("north", "south"));

    [Fact]
    public void A_joining_cannot_be_annulled() => AMember.Given(Joined)
        .When(new AnnulEntry(EventId(1), "a slip")).ThenRejected(RejectionCode.EntryNotAnnullable, "eventId");
}
