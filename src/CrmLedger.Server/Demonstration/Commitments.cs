using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmLedger.Server.Demonstration;

/// <summary>How a commitment ended.</summary>
/// <param name="Day">The day on which it was settled, or on which the customer stopped waiting.</param>
/// <param name="Well">Whether the customer got what was promised, by a date that they had agreed to.</param>
internal readonly record struct Ending(int Day, bool Well);

/// <summary>The promises and follow-ups of one customer, each played to its end.</summary>
/// <param name="client">The customer.</param>
/// <param name="owner">The member who makes them.</param>
/// <param name="office">How the teams work.</param>
/// <param name="days">The calendar.</param>
/// <param name="chance">This customer's own.</param>
internal class Commitments(Client client, Colleague owner, Office office, WorkingDays days, Chance chance)
    : Dealings(client, owner, office, days, chance)
{
    /// <summary>Makes a promise and says its id.</summary>
    protected string Make(string kind, int day, int due, string touchpointId, string channel, string? concernId = null)
    {
        string id = Diary.NewId("promise");
        Diary.Note(day, "promise_made", new()
        {
            ["promiseId"] = id,
            ["kind"] = kind,
            ["conditions"] = About(Chance.Pick(Words.Conditions[kind])),
            ["dueAt"] = Due(due),
            ["memberId"] = Ref(Owner),
            ["team"] = Owner.TeamOn(day),
            ["channel"] = channel,
            ["touchpointId"] = touchpointId,
            ["concernId"] = concernId,
        });
        return id;
    }

    /// <summary>Plays a promise on the next course of its team's deck.</summary>
    /// <param name="id">The promise.</param>
    /// <param name="made">The day on which it was made.</param>
    /// <param name="due">At least two days later.</param>
    protected Ending Play(string id, int made, int due) => DecksOn(made).Promises.Deal() switch
    {
        PromiseCourse.Kept => Keep(id, Chance.Between(made + 1, due)),
        PromiseCourse.Confirmed => Confirm(id, Keep(id, Chance.Between(made + 1, due)).Day),
        PromiseCourse.Moved => Keep(id, Chance.Between(due + 1, Move(id, due))),
        PromiseCourse.MovedTwice => Keep(id, Move(id, Move(id, due))),
        PromiseCourse.DateRefused => Keep(id, Refuse(id, due)),
        PromiseCourse.Reassigned => Keep(id, due, Reassign(id, made + 1)),
        PromiseCourse.Late => KeepLate(id, due),
        PromiseCourse.MovedAndLate => KeepLate(id, Move(id, due)),
        PromiseCourse.DateRefusedAndLate => KeepLate(id, Refuse(id, due)),
        PromiseCourse.ReassignedAndLate => KeepLate(id, due, Reassign(id, due - 1)),
        PromiseCourse.Disputed => Explain(id, Dispute(id, Keep(id, due).Day) + 1),
        PromiseCourse.DisputedAndKeptAgain => KeepAgain(id, Dispute(id, Keep(id, due).Day)),
        PromiseCourse.Withdrawn => Withdraw(id, Chance.Between(made + 1, due)),
        PromiseCourse.Released => Release(id, due - 1),
        PromiseCourse.ReleasedLate => Explain(id, Release(id, due + 3).Day),
        _ => Explain(id, due + 4),
    };

    /// <summary>Asks for a later date, which the customer accepts in time; says that date.</summary>
    protected int Move(string id, int due, int later)
    {
        Propose(id, due - 1, later);
        Diary.Note(due - 1, "promise_renegotiation_accepted", Of(id));
        return later;
    }

    /// <summary>Asks for a later date.</summary>
    protected void Propose(string id, int day, int later) => Diary.Note(day, "promise_renegotiation_proposed", new()
    {
        ["promiseId"] = id,
        ["newDueAt"] = Due(later),
        ["reason"] = Chance.Pick(Words.Moved),
    });

    /// <summary>Plays a follow-up on the next course of its team's deck.</summary>
    protected void FollowUp(string purpose, int day, int due, string touchpointId)
    {
        string id = Schedule(purpose, day, due, touchpointId);
        switch (DecksOn(day).FollowUps.Deal())
        {
            case FollowUpCourse.Completed:
                Complete(id, Chance.Between(day + 1, due), Owner);
                break;
            case FollowUpCourse.Late:
                Complete(id, due + Chance.Between(1, 6), Owner);
                break;
            case FollowUpCourse.MovedByAgreement:
                Reschedule(id, due - 1, due + 4, agreed: true);
                Complete(id, due + 3, Owner);
                break;
            case FollowUpCourse.MovedAlone:
                Reschedule(id, due, due + 5, agreed: false);
                Complete(id, due + 5, Owner);
                break;
            case FollowUpCourse.Reassigned:
                var to = Other();
                Diary.Note(day + 1, "follow_up_reassigned", Handover("followUpId", id, to, day + 1));
                Complete(id, due, to);
                break;
            case FollowUpCourse.Cancelled:
                Diary.Note(due - 1, "follow_up_cancelled",
                    new() { ["followUpId"] = id, ["reason"] = Chance.Pick(Words.TakenBack) });
                break;
            default:
                break;
        }
    }

    /// <summary>Schedules a follow-up and says its id.</summary>
    protected string Schedule(string purpose, int day, int due, string? touchpointId)
    {
        string id = Diary.NewId("followup");
        Diary.Note(day, "follow_up_scheduled", new()
        {
            ["followUpId"] = id,
            ["dueAt"] = Due(due),
            ["purpose"] = purpose,
            ["memberId"] = Ref(Owner),
            ["team"] = Owner.TeamOn(day),
            ["touchpointId"] = touchpointId,
        });
        return id;
    }

    private int Move(string id, int due) => Move(id, due, due + Chance.Between(3, 8));

    private void Reschedule(string id, int day, int later, bool agreed) =>
        Diary.Note(day, "follow_up_rescheduled", new()
        {
            ["followUpId"] = id,
            ["newDueAt"] = Due(later),
            ["reason"] = Chance.Pick(Words.Moved),
            ["agreedWithCustomer"] = agreed,
        });

    private void Complete(string id, int day, Colleague by)
    {
        string touchpoint = Touch(day, "phone", inbound: false, Chance.Pick(Words.Done), "positive", by);
        Diary.Note(day, "follow_up_completed", new() { ["followUpId"] = id, ["touchpointId"] = touchpoint });
    }

    private Ending Keep(string id, int day, Colleague? by = null, bool late = false)
    {
        if (Chance.Happens(70))
        {
            string channel = Chance.Pick<string>(["visit", "phone", "email"]);
            string tone = Chance.Happens(50) ? "neutral" : late ? "negative" : "positive";
            Touch(day, channel, inbound: false, Chance.Pick(Words.Done), tone, by);
        }
        Diary.Note(day, "promise_declared_kept", Of(id));
        return new(day, !late);
    }

    private Ending KeepLate(string id, int due, Colleague? by = null)
    {
        var ending = Keep(id, due + Chance.Between(1, 9), by, late: true);
        return Chance.Happens(75) ? Explain(id, ending.Day) : ending;
    }

    private Ending Confirm(string id, int kept)
    {
        int day = kept + Chance.Between(0, 3);
        Diary.Note(day, "promise_confirmed", Of(id));
        return new(day, true);
    }

    private int Refuse(string id, int due)
    {
        Propose(id, due - 1, due + 6);
        Diary.Note(due, "promise_renegotiation_refused", Of(id));
        return due;
    }

    private int Dispute(string id, int kept)
    {
        int day = kept + Chance.Between(1, 3);
        string said = About(Chance.Pick(Words.Concerns).Text);
        Touch(day, "phone", inbound: true, said, "very_negative");
        Diary.Note(day, "promise_disputed", new() { ["promiseId"] = id, ["note"] = said });
        return day;
    }

    private Ending KeepAgain(string id, int disputed)
    {
        Explain(id, disputed);
        return Confirm(id, Keep(id, disputed + Chance.Between(2, 6), late: true).Day) with { Well = false };
    }

    private Ending Withdraw(string id, int day)
    {
        Diary.Note(day, "promise_withdrawn",
            new() { ["promiseId"] = id, ["reason"] = Chance.Pick(Words.TakenBack) });
        return Explain(id, day);
    }

    private Ending Release(string id, int day)
    {
        Diary.Note(day, "promise_released", Of(id));
        return new(day, true);
    }

    private Ending Explain(string id, int day)
    {
        var cause = DecksOn(day).Causes.Deal();
        Diary.Note(day, "promise_miss_explained", new()
        {
            ["promiseId"] = id,
            ["cause"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(cause.ToString()),
            ["note"] = Words.Note(cause),
        });
        return new(day, false);
    }

    private Colleague Reassign(string id, int day)
    {
        var to = Other();
        Diary.Note(day, "promise_reassigned", Handover("promiseId", id, to, day));
        return to;
    }

    private JsonObject Handover(string name, string id, Colleague to, int day) => new()
    {
        [name] = id,
        ["toMemberId"] = Ref(to),
        ["toTeam"] = to.TeamOn(day),
        ["reason"] = Chance.Pick(Words.HandedOver),
    };

    private Colleague Other() => Chance.Pick([.. Cast.Members.Where(m => m.Team == Owner.Team && m != Owner)]);

    private static JsonObject Of(string promiseId) => new() { ["promiseId"] = promiseId };
}
