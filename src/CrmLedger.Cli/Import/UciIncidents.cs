using System.Text.Json.Nodes;

namespace CrmLedger.Cli.Import;

/// <summary>
/// Turns the incident log's rows into the ledger's events: every incident is a concern and a promise to resolve it.
/// Pure: the same rows give the same events, byte for byte.
/// </summary>
/// <remarks>
/// The result is in the order in which it is to be sent: members first, then everything by time, at equal times by
/// rank. No time of the source is moved. A few incidents of the source were updated before they were opened; their
/// customer is registered first all the same (its stream rests on that), with its own, later time.
/// </remarks>
internal static class UciIncidents
{
    public const string Source = "uci-incidents";

    /// <summary>Who and which team it is where the source says <c>?</c>.</summary>
    public const string Unassigned = "unassigned";

    /// <summary>How often our verdict, kept by the first due date, is the source's <c>made_sla</c>.</summary>
    public readonly record struct MadeSlaAgreement(int Agree, int Incidents)
    {
        public double Share => Incidents == 0 ? 0 : (double)Agree / Incidents;
    }

    public static IReadOnlyList<CloudEvent> ToEvents(IReadOnlyList<IncidentRow> rows)
    {
        var incidents = rows.GroupBy(r => r.Number).Select(g => new Incident([.. g])).ToList();
        var drafts = incidents.SelectMany(i => i.Tell()).ToList();
        drafts.AddRange(drafts.GroupBy(d => d.Customer).Select(Registration).ToList());
        List<Draft> ordered = [.. drafts.OrderBy(d => d.Turn).ThenBy(d => d.Rank)];

        var madeSla = incidents.ToDictionary(i => i.Number, i => i.Last.MadeSla);
        var told = ordered.Where(d => d.Rank != Rank.Registered).GroupBy(d => d.Incident);
        foreach (var last in told.Select(incident => incident.Last()))
            last.Marks["madesla"] = madeSla[last.Incident] ? "true" : "false";
        return [.. Members(ordered), .. ordered.Select(d => d.ToEvent())];
    }

    public static MadeSlaAgreement Agreement(IReadOnlyList<IncidentRow> rows)
    {
        var incidents = rows.GroupBy(r => r.Number).Select(g => new Incident([.. g])).ToList();
        return new(incidents.Count(i => i.KeptByFirstDue == i.Last.MadeSla), incidents.Count);
    }

    /// <summary>The customer comes into the ledger when the first of its incidents is opened.</summary>
    private static Draft Registration(IGrouping<string, Draft> ofCustomer)
    {
        var opening = ofCustomer.Where(d => d.Rank == Rank.Raised).MinBy(d => d.Time)!;
        var data = new JsonObject { ["name"] = opening.Customer, ["reference"] = opening.Customer };
        return new Draft(opening.Incident, opening.Customer, opening.Line, opening.Time, Rank.Registered,
            $"{opening.Incident}/registered", "customer_registered", data)
        {
            Turn = ofCustomer.Min(d => d.Time),
        };
    }

    /// <summary>
    /// Every member joins when the events first need one, in the team of that row. The event's id tells which event of
    /// which incident that was, and not the member: a hash of a member's reference would stay for ever, and whoever
    /// guesses the reference could prove the guess. In a longer copy of the file it may be another event's turn; then
    /// the ledger answers that the member is there, which is all that was wanted.
    /// </summary>
    private static IEnumerable<CloudEvent> Members(List<Draft> ordered)
    {
        var joined = new HashSet<string>();
        foreach (var draft in ordered)
        {
            if (draft.By is not { } by || !joined.Add(by.Name))
                continue;
            yield return new CloudEvent(
                draft.Line, Source, $"{draft.Id}/joined", "member_joined",
                CloudEvent.MemberSubject + by.Name, draft.Time, new()
                {
                    ["name"] = by.Name,
                    ["team"] = by.Name == Unassigned ? Unassigned : by.Team,
                    ["reference"] = by.Name,
                });
        }
    }

    /// <summary>The order of a customer's events at one and the same time.</summary>
    private enum Rank
    {
        Registered,
        Raised,
        Contacted,
        Promised,
        Updated,
        Reassigned,
        Reopened,
        Resolved,
        Kept,
    }

    /// <summary>A member of a row and the team that the row names.</summary>
    private sealed record Handler(string Name, string Team)
    {
        public static Handler Of(string? name, string? team) => new(name ?? Unassigned, team ?? Unassigned);

        public string Reference => "ref:" + Name;
    }

    /// <summary>An event that has not found its place yet.</summary>
    private sealed record Draft(
        string Incident, string Customer, long Line, DateTimeOffset Time, Rank Rank, string Id, string Type,
        JsonObject Data, Handler? By = null)
    {
        /// <summary>By which time it takes its turn; only a registration does not go by its own.</summary>
        public DateTimeOffset Turn { get; init; } = Time;

        public Dictionary<string, string> Marks { get; } = [];

        public CloudEvent ToEvent() =>
            new(Line, Source, Id, Type, CloudEvent.CustomerSubject + Customer, Time, Data, Marks)
            {
                EndsRow = Rank == Rank.Updated,
            };
    }

    /// <summary>One incident's rows, in the file's order.</summary>
    private sealed class Incident(IReadOnlyList<IncidentRow> rows)
    {
        private readonly List<Draft> _told = [];

        public string Number => First.Number;

        public IncidentRow Last => rows[^1];

        public bool KeptByFirstDue => Last.ResolvedAt <= DueAt;

        private IncidentRow First => rows[0];

        /// <summary>Our targets, for the source has none: 4 h, 24 h, 5 d or 10 d by the first row's priority.</summary>
        private DateTimeOffset DueAt => First.OpenedAt.AddHours(First.Priority switch
        {
            1 => 4,
            2 => 24,
            3 => 120,
            _ => 240,
        });

        /// <summary>People whom the source does not name are not taken for one and the same person.</summary>
        private string Customer => First.Caller ?? $"unknown caller of {Number}";

        public List<Draft> Tell()
        {
            _told.Clear();
            Opening();
            for (int i = 0; i < rows.Count; i++)
            {
                Touchpoint(i);
                if (i > 0)
                {
                    Reassignment(rows[i - 1], rows[i], i + 1);
                    Reopening(rows[i - 1], rows[i], i + 1);
                }
            }
            if (Last.ResolvedAt is { } at)
            {
                Add(Last, at, Rank.Resolved, "resolved", "concern_resolved", new() { ["concernId"] = Number });
                Add(Last, at, Rank.Kept, "kept", "promise_declared_kept", new() { ["promiseId"] = Number });
            }
            return _told;
        }

        private Draft Add(
            IncidentRow row, DateTimeOffset at, Rank rank, string id, string type, JsonObject data, Handler? by = null)
        {
            if (by is not null && type != "promise_reassigned")
                (data["memberId"], data["team"]) = (by.Reference, by.Team);
            var draft = new Draft(Number, Customer, row.Line, at, rank, $"{Number}/{id}", type, data, by);
            _told.Add(draft);
            return draft;
        }

        private void Opening()
        {
            string channel = Channel(First.ContactType), touchpoint = $"{Number}-opened";
            var by = Handler.Of(First.AssignedTo, First.Group);
            Add(First, First.OpenedAt, Rank.Raised, "concern", "concern_raised", new()
            {
                ["concernId"] = Number,
                ["severity"] = First.Priority switch { 1 => "critical", 2 => "high", 3 => "normal", _ => "low" },
                ["topics"] = First.Category is { } category ? new JsonArray(category) : new JsonArray(),
            }, by);
            Add(First, First.OpenedAt, Rank.Contacted, "touchpoint/opened", "touchpoint_recorded", new()
            {
                ["touchpointId"] = touchpoint,
                ["channel"] = channel,
                ["direction"] = "inbound",
            }, by);
            Add(First, First.OpenedAt, Rank.Promised, "promise", "promise_made", new()
            {
                ["promiseId"] = Number,
                ["kind"] = "resolve-incident",
                ["conditions"] = $"Incident {Number} is resolved.",
                ["dueAt"] = LedgerJson.Format(DueAt),
                ["channel"] = channel,
                ["touchpointId"] = touchpoint,
                ["concernId"] = Number,
            }, by).Marks["derived"] = "dueAt";
        }

        private void Touchpoint(int i)
        {
            var row = rows[i];
            Add(row, row.UpdatedAt, Rank.Updated, $"touchpoint/{i + 1}", "touchpoint_recorded", new()
            {
                ["touchpointId"] = $"{Number}-{i + 1}",
                ["channel"] = "other",
                ["direction"] = "outbound",
                ["summary"] = row.State,
            }, Handler.Of(row.UpdatedBy, row.Group));
        }

        private void Reassignment(IncidentRow before, IncidentRow row, int number)
        {
            bool open = row.UpdatedAt >= First.OpenedAt && !(row.UpdatedAt > Last.ResolvedAt);
            if (!open || (row.AssignedTo, row.Group) == (before.AssignedTo, before.Group))
                return;
            var holder = Handler.Of(row.AssignedTo, row.Group);
            Add(row, row.UpdatedAt, Rank.Reassigned, $"reassigned/{number}", "promise_reassigned", new()
            {
                ["promiseId"] = Number,
                ["toMemberId"] = holder.Reference,
                ["toTeam"] = holder.Team,
                ["reason"] = "Reassigned in the incident log.",
            }, holder);
        }

        /// <summary>What is opened again had been resolved by the row before.</summary>
        private void Reopening(IncidentRow before, IncidentRow row, int number)
        {
            if (row.ReopenCount <= before.ReopenCount)
                return;
            Add(before, before.UpdatedAt, Rank.Reopened, $"resolved/{number - 1}", "concern_resolved",
                new() { ["concernId"] = Number });
            Add(row, row.UpdatedAt, Rank.Reopened, $"reopened/{number}", "concern_reopened",
                new() { ["concernId"] = Number });
        }

        private static string Channel(string? contactType) => contactType switch
        {
            "Phone" or "IVR" => "phone",
            "Email" => "email",
            "Self service" => "web",
            _ => "other",
        };
    }
}
