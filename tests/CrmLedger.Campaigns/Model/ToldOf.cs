using System.Text.Json;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.Campaigns.Model;

/// <summary>
/// What both ledgers tell of the same thing, as lines of text that must be equal: each time first the reference's, then
/// the real one's.
/// </summary>
internal static class ToldOf
{
    /// <summary>The answer to a step.</summary>
    public static string Answer(Expected expected) => expected switch
    {
        { Problem: { } code } => $"refused {code}",
        { Event: { } e } => $"{(expected.IsRepeated ? "repeated" : "recorded")} {e.Event} {e.Version} "
            + LedgerJson.Format(e.RecordedAt),
        _ => throw new ArgumentException("An answer has an event or a problem.", nameof(expected)),
    };

    public static string Answer(Step step, Answer answer)
    {
        if (answer.Status is not (200 or 201))
            return $"refused {answer.Problem ?? answer.Text}";
        var item = step.AsCloudEvent ? answer.Items("items")[0] : answer.Json;
        bool repeated = step.AsCloudEvent ? item.Text("status") == "duplicate" : item.Text("replayed") == "True";
        var e = step.AsCloudEvent ? item.At("event")!.Value : item.Items("events")[0];
        return $"{(repeated ? "repeated" : "recorded")} {e.Text("type")} {e.Number("version")} {Time(e, "recordedAt")}";
    }

    /// <summary>What is owed to a customer.</summary>
    public static IEnumerable<string> Owed(string who, ReferenceCustomer customer, DateTimeOffset asOf) =>
        customer.Promises().Where(p => p.IsOpen).Select(p =>
            $"{who} is owed promise {p.Id} {p.Kind} '{p.Conditions}' {p.Holder} {p.HolderTeam} "
            + $"{Time(p.FirstDue)} {Time(p.BindingDue)} {p.StatusAt(asOf)} {p.Renegotiations} "
            + $"{Age(p.MadeAt, asOf)}")
        .Concat(customer.FollowUps().Where(f => f.IsOpen).Select(f =>
            $"{who} is owed follow_up {f.Id} {f.Purpose} '' {f.Holder} {f.HolderTeam} "
            + $"{Time(f.FirstDue)} {Time(f.BindingDue)} {(f.BindingDue < asOf ? "lapsed" : "made")} {f.Renegotiations} "
            + $"{Age(f.MadeAt, asOf)}"));

    public static string Owed(JsonElement item) =>
        $"{item.Text("customer.reference")} is owed {item.Text("commitment")} {item.Text("id")} {item.Text("kind")} "
        + $"'{item.Text("conditions")}' ref:{item.Text("member.reference")} {item.Text("team")} "
        + $"{Time(item, "firstDue")} {Time(item, "bindingDue")} {item.Text("status")} {item.Text("renegotiations")} "
        + item.Text("ageSeconds");

    /// <summary>How each promise to a customer counts.</summary>
    public static IEnumerable<string> Counted(string who, ReferenceCustomer customer, DateTimeOffset asOf) =>
        customer.Promises().Select(p =>
            $"{who} {p.Id} counts {p.ClassAt(asOf)} {p.Kind} {p.Maker} {p.MakerTeam} {p.Holder} {p.HolderTeam} "
            + $"{Time(p.FirstDue)} {Time(p.BindingDue)} {p.StatusAt(asOf)} kept {Time(p.KeptAt)}");

    public static string Counted(JsonElement item) =>
        $"{item.Text("customer.reference")} {item.Text("promiseId")} counts {item.Text("class")} {item.Text("kind")} "
        + $"ref:{item.Text("maker.reference")} {item.Text("makerTeam")} ref:{item.Text("holder.reference")} "
        + $"{item.Text("holderTeam")} {Time(item, "firstDue")} {Time(item, "bindingDue")} {item.Text("status")} "
        + $"kept {Time(item, "keptAt")}";

    /// <summary>The numbers of a customer's kept rate.</summary>
    public static IEnumerable<string> Numbers(string who, ReferenceCustomer customer, DateTimeOffset asOf)
    {
        var all = customer.Promises().Select(p => (Class: p.ClassAt(asOf), Promise: p)).ToList();
        if (all.Count == 0)
            return [];
        int Of(params string[] classes) => all.Count(p => classes.Contains(p.Class));
        var counted = all.Where(p => p.Class is not ("not_yet_due" or "released")).Select(p => p.Promise).ToList();
        var causes = all.Where(p => p.Class is "kept_late" or "broken" or "overdue" && p.Promise.Cause is not null)
            .GroupBy(p => p.Promise.Cause!).Select(g => $"{g.Key} {g.Count()}").Order(StringComparer.Ordinal);
        return
        [
            $"{who} K1 {Of("kept_first_date")} K2 {Of("kept_agreed_date")} L {Of("kept_late")} B {Of("broken")} "
            + $"X {Of("released")} R {Of("moved_by_agreement")} O {Of("overdue")} not yet {Of("not_yet_due")}, "
            + $"n {counted.Count}, imported {counted.Count(p => p.Imported)}, "
            + $"late {counted.Count(p => p.RecordedLate)}, moved {counted.Count(p => p.Renegotiations > 0)}, "
            + $"causes {string.Join(", ", causes)}",
        ];
    }

    public static string Numbers(string who, JsonElement group)
    {
        long Of(string name) => group.Number($"counts.{name}")!.Value;
        long n = group.Number("n")!.Value;
        double? moved = group.At("renegotiationRate")?.GetDouble();
        var causes = group.At("missCauses")!.Value.EnumerateObject().Select(c => $"{c.Name} {c.Value}")
            .Order(StringComparer.Ordinal);
        return $"{who} K1 {Of("keptFirstDate")} K2 {Of("keptAgreedDate")} L {Of("keptLate")} B {Of("broken")} "
            + $"X {Of("released")} R {Of("movedByAgreement")} O {Of("overdue")} not yet {Of("notYetDue")}, "
            + $"n {n}, imported {group.Number("imported")}, late {group.Number("recordedLate")}, "
            + $"moved {Math.Round((moved ?? 0) * n)}, causes {string.Join(", ", causes)}";
    }

    /// <summary>A customer and everything that happened, annulled or not.</summary>
    public static IEnumerable<string> History(string who, ReferenceCustomer customer) => customer.Events
        .Select(e => $"{e.Version} {e.Event} {Time(e.OccurredAt)} {Time(e.RecordedAt)} {Fields(e.Body)}")
        .Prepend($"{who} is {customer.Name} of {customer.Segment}, version {customer.Events.Count}");

    public static IEnumerable<string> History(Answer page, ReferenceCustomer expected)
    {
        if (page.Status != 200)
            return [page.Text];
        var members = page.Json.At("members")!.Value;
        return page.Items("events").Select((e, i) =>
            $"{e.Number("version")} {e.Text("type")} {Time(e, "occurredAt")} {Time(e, "recordedAt")} "
            + Fields(i < expected.Events.Count ? expected.Events[i].Body.Keys : [], e.At("data")!.Value, members))
            .Prepend($"{page.Text("customer.reference")} is {page.Text("customer.name")} of "
                + $"{page.Text("customer.segment")}, version {page.Number("streamVersion")}");
    }

    /// <summary>The page of one promise.</summary>
    public static string Promise(ReferencePromise? promise, DateTimeOffset asOf) => promise is null
        ? "promise_unknown"
        : $"{promise.StatusAt(asOf)}, proposed {Time(promise.ProposedDue)}, confirmed {promise.IsConfirmed}, "
            + $"disputed {promise.EverDisputed}, cause {promise.Cause}, imported {promise.Imported}, "
            + $"late {promise.RecordedLate}, made {Time(promise.MadeAt)}, {promise.Conditions}";

    public static string Promise(Answer page) => page.Problem
        ?? $"{page.Text("status")}, proposed {Time(page.Json, "promise.proposedDue")}, "
            + $"confirmed {page.Text("promise.confirmed")}, disputed {page.Text("promise.everDisputed")}, "
            + $"cause {page.Text("promise.missCause")}, imported {page.Text("promise.imported")}, "
            + $"late {page.Text("promise.recordedLate")}, made {Time(page.Json, "promise.madeAt")}, "
            + page.Text("promise.conditions");

    private static string Fields(IReadOnlyDictionary<string, object> body) => string.Join(' ', body
        .OrderBy(f => f.Key, StringComparer.Ordinal)
        .Select(f => $"{f.Key} {(IsMember(f.Key) ? f.Value : JsonSerializer.Serialize(f.Value, LedgerJson.Options))}"));

    /// <summary>Only those that the reference has: the ledger adds what was left out.</summary>
    private static string Fields(IEnumerable<string> names, JsonElement data, JsonElement members) => string.Join(' ',
        names.Order(StringComparer.Ordinal).Select(name => $"{name} {Field(name, data, members)}"));

    private static string? Field(string name, JsonElement data, JsonElement members) => IsMember(name)
        ? $"ref:{members.Text($"{data.Text(name)}.reference")}"
        : data.At(name) is { } value ? JsonSerializer.Serialize(value, LedgerJson.Options) : null;

    private static bool IsMember(string field) => field.EndsWith("emberId", StringComparison.Ordinal);

    private static long Age(DateTimeOffset made, DateTimeOffset asOf) => Math.Max(0, (long)(asOf - made).TotalSeconds);

    private static string Time(DateTimeOffset? time) => time is { } there ? LedgerJson.Format(there) : "-";

    private static string Time(JsonElement json, string field) => Time(json.Time(field));
}
