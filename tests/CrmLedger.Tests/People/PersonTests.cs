using System.Text.Json;
using CrmLedger.Customers;
using CrmLedger.Members;
using CrmLedger.People;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.People;

public class PersonTests
{
    [Fact]
    public void A_row_survives_being_stored()
    {
        foreach (var row in new[]
        {
            Project(Registered, new ConsentRecorded("newsletter", true)),
            Project(new CustomerRegistered(Secret)),
            Project(Joined, new MemberMovedTeam("north", "south")),
            Project(new MemberJoined(Secret, "north")),
        })
        {
            string stored = JsonSerializer.Serialize(row, LedgerJson.Options);
            var read = JsonSerializer.Deserialize<Person>(stored, LedgerJson.Options);
            JsonSerializer.Serialize(read, LedgerJson.Options).ShouldBe(stored);
        }
    }

    [Fact]
    public void A_member_is_in_the_team_that_it_moved_to()
    {
        var row = Project(Joined, new MemberMovedTeam("north", "south")).ShouldNotBeNull();
        (row.Name, row.Reference, row.Member?.Team).ShouldBe((Secret, Secret, "south"));
    }

    private static Person? Project(params IEnumerable<IEvent> events) =>
        events.Aggregate((Person?)null, Person.Project);
}
