using System.Text.Json.Nodes;

namespace CrmLedger.Server.Demonstration;

/// <summary>What was dealt between one customer and the member who looks after them: contacts and bare facts.</summary>
/// <param name="client">The customer.</param>
/// <param name="owner">The member.</param>
/// <param name="office">How the teams work.</param>
/// <param name="days">The calendar.</param>
/// <param name="chance">This customer's own.</param>
internal class Dealings(Client client, Colleague owner, Office office, WorkingDays days, Chance chance)
{
    private static readonly string[] s_practices =
    [
        "listened_actively", "let_finish", "asked_open_question", "checked_understanding", "acknowledged_perspective",
        "showed_empathy", "reassured", "spoke_clearly", "respectful",
    ];

    /// <summary>The customer.</summary>
    public Client Client => client;

    /// <summary>The member who looks after them.</summary>
    public Colleague Owner => owner;

    /// <summary>The calendar.</summary>
    public WorkingDays Days => days;

    /// <summary>This customer's own chance.</summary>
    public Chance Chance => chance;

    /// <summary>Everything that happened.</summary>
    public Diary Diary { get; } = new($"customer/{client.Reference}");

    /// <summary>What is installed for them.</summary>
    public string Product { get; } = chance.Pick(Words.Products[owner.Team]);

    /// <summary>How the owner's team works on a day.</summary>
    protected TeamDecks DecksOn(int day) => office[owner.TeamOn(day)];

    /// <summary>Whether the customer takes what is proposed.</summary>
    protected bool Takes() => office.Taken.Deal();

    /// <summary>Notes a contact and says its id.</summary>
    protected string Touch(int day, string channel, bool inbound, string summary, string tone, Colleague? by = null)
    {
        var member = by ?? owner;
        string id = Diary.NewId("touchpoint");
        string team = member.TeamOn(day);
        int practices = chance.Between(0, team switch { "heating" => 4, "solar" => 3, _ => 2 });
        Diary.Note(day, "touchpoint_recorded", new()
        {
            ["touchpointId"] = id,
            ["channel"] = channel,
            ["direction"] = inbound ? "inbound" : "outbound",
            ["memberId"] = Ref(member),
            ["team"] = team,
            ["summary"] = About(summary),
            ["tone"] = tone,
            ["practices"] = List(chance.Pick(s_practices, practices)),
            ["durationSeconds"] = channel is "email" or "web" ? null : 60 * chance.Between(2, 40),
        });
        return id;
    }

    /// <summary>A text with what is installed put into it, beginning with a capital.</summary>
    protected string About(string text)
    {
        string about = text.Replace("{0}", Product, StringComparison.Ordinal);
        return char.ToUpperInvariant(about[0]) + about[1..];
    }

    /// <summary>How a client names a member.</summary>
    protected static string Ref(Colleague member) => $"ref:{member.Reference}";

    /// <summary>A list of words.</summary>
    protected static JsonArray List(params string[] words) => [.. words.Select(w => (JsonNode)w)];

    /// <summary>When something falls due on a day.</summary>
    protected string Due(int day) => LedgerJson.Format(days.Due(day));
}
