using System.Text.Json.Nodes;

namespace CrmLedger.Server.Demonstration;

/// <summary>
/// A year of an invented business that installs heating, solar panels and kitchens, for a demonstration: three teams
/// that keep their word differently well, and every turn that a promise can take.
/// </summary>
public static class DemonstrationYear
{
    /// <summary>The source of its events.</summary>
    public const string Source = "demonstration";

    /// <summary>
    /// The events of the year, one CloudEvent in JSON each, in the order of their times; the members join first.
    /// The same arguments give the same lines.
    /// </summary>
    /// <param name="end">
    /// When the year ends: at that day's midnight, UTC. Nothing happens later, but some of what is owed is due later.
    /// </param>
    /// <param name="importId">The declared import that brings them.</param>
    /// <param name="seed">Another seed is another year of the same business.</param>
    public static IReadOnlyList<string> Lines(DateOnly end, Guid importId, int seed = 2026)
    {
        var days = new WorkingDays(end);
        return [.. Diaries(days, seed)
            .SelectMany((diary, i) => diary.Lines(days, importId, Own(seed, 1000 + i)))
            .OrderBy(line => line.Time)
            .Select(line => line.Json)];
    }

    private static IEnumerable<Diary> Diaries(WorkingDays days, int seed)
    {
        foreach (var member in Cast.Members)
            yield return Membership(member);
        var office = new Office(Own(seed, 0));
        for (int i = 0; i < Cast.Clients; i++)
        {
            var relationship = With(Cast.ClientOf(i), days, office, seed);
            relationship.Tell(FirstDay(i));
            yield return relationship.Diary;
        }
        var known = Cast.ClientOf(20);
        var twice = With(known with { Index = Cast.Clients }, days, office, seed);
        // Only at the end: a bulk append looks for the customer who stays in the log, not in its own batch.
        twice.TellAsDuplicateOf(known, -8);
        yield return twice.Diary;
    }

    private static Relationship With(Client client, WorkingDays days, Office office, int seed)
    {
        string team = Cast.Teams[client.Index % Cast.Teams.Count];
        Colleague[] owners = [.. Cast.Members.Where(m => m.Team == team)];
        var owner = owners[client.Index / Cast.Teams.Count % owners.Length];
        return new(client, owner, office, days, Own(seed, 1 + client.Index));
    }

    /// <summary>Customers come one after the other, the last of them two months before the end.</summary>
    private static int FirstDay(int index) => WorkingDays.First + 1 + index * (-WorkingDays.First - 45) / Cast.Clients;

    private static Diary Membership(Colleague member)
    {
        var diary = new Diary($"member/{member.Reference}");
        diary.Note(WorkingDays.First, "member_joined", new() { ["name"] = member.Name, ["team"] = member.Team });
        if (member.MovesTo is { } team)
            diary.Note(Colleague.MoveDay, "member_moved_team", new JsonObject { ["toTeam"] = team });
        return diary;
    }

    /// <summary>A chance of its own for each story; what stories share is dealt from the office's decks.</summary>
    private static Chance Own(int seed, int of) => new((ulong)(uint)seed << 32 | (uint)of);
}
