using System.Text.Json.Nodes;

namespace CrmLedger.Server.Demonstration;

/// <summary>The relationship with one customer, from the first word to the last thing that is still owed.</summary>
/// <param name="client">The customer.</param>
/// <param name="owner">The member who looks after them.</param>
/// <param name="office">How the teams work.</param>
/// <param name="days">The calendar.</param>
/// <param name="chance">This customer's own.</param>
internal sealed class Relationship(Client client, Colleague owner, Office office, WorkingDays days, Chance chance)
    : Commitments(client, owner, office, days, chance)
{
    private static readonly string[] s_reasons = ["price", "competitor", "service", "need_gone", "other"];
    private readonly List<string> _preferences = [];

    /// <summary>Every eleventh customer leaves after the first job, and one of two of those comes back.</summary>
    private bool Leaves => Client.Index % 11 == 3;

    /// <summary>Tells it.</summary>
    /// <param name="first">The day of the first contact.</param>
    public void Tell(int first)
    {
        Register(first);
        int day = Job(first, isFirst: true);
        if (Leaves)
        {
            day = Diary.LastDay + 5;
            End(day, s_reasons[Client.Index / 11 % s_reasons.Length]);
            if (Client.Index % 2 == 1)
                return;
            day += 25;
            Diary.Note(day, "relationship_renewed", []);
        }
        for (day += Chance.Between(55, 105); day < -8; day += Chance.Between(55, 105))
            day = Job(day, isFirst: false);
        OweSomething((Client.Index / 3) % 6);
    }

    /// <summary>Notes a customer who was entered a second time and what came of it.</summary>
    public void TellAsDuplicateOf(Client known, int first)
    {
        Register(first);
        Touch(first, "web", inbound: true, Words.Enquiries[0], "neutral");
        Diary.Note(first + 4, "customer_merged_into",
            new() { ["customerId"] = $"ref:{known.Reference}", ["reason"] = "The same address and telephone number." });
    }

    private void Register(int day)
    {
        Diary.Note(day, "customer_registered", new() { ["name"] = Client.Name, ["segment"] = Client.Segment });
        Diary.Note(day, "consent_recorded", new() { ["purpose"] = "newsletter", ["given"] = Chance.Happens(60) });
        if (Client.Index % 4 == 0)
        {
            Diary.Note(day + 30, "consent_recorded",
                new() { ["purpose"] = "photographs", ["given"] = Chance.Happens(50) });
        }
        if (Client.Index % 9 == 2)
            Diary.Note(day + 6, "customer_details_corrected", new() { ["name"] = $"{Client.Name} (new address)" });
    }

    private void End(int day, string reason)
    {
        Touch(day, "letter", inbound: true, "Wrote that they will not need us again.", "negative");
        Diary.Note(day, "relationship_ended", new() { ["reason"] = reason });
    }

    /// <summary>A job from the enquiry to the feedback; says on which day it was over.</summary>
    private int Job(int day, bool isFirst)
    {
        string channel = Chance.Pick<string>(["phone", "email", "web", "chat", "meeting"]);
        string asked = Chance.Pick(isFirst ? Words.Enquiries : Words.LaterEnquiries);
        string enquiry = Touch(day, channel, inbound: true, asked, "neutral");
        LearnPreferences(day, isFirst ? 2 : 1);
        int due = day + Chance.Between(3, 5);
        var quoted = isFirst || Chance.Happens(50)
            ? Play(Make("quote", day, due, enquiry, channel), day, due)
            : new Ending(day + 2, true);
        var (answered, taken) = ProposeSolution(quoted.Day, isFirst);
        return taken ? Fulfil(answered, isFirst) : answered;
    }

    private void LearnPreferences(int day, int count)
    {
        foreach (var (key, value) in Chance.Pick(Words.Preferences, count))
        {
            string source = Chance.Happens(70) ? "stated" : "observed";
            Diary.Note(day, "preference_recorded", new() { ["key"] = key, ["value"] = value, ["source"] = source });
            if (!_preferences.Contains(key))
                _preferences.Add(key);
        }
    }

    private (int Day, bool Taken) ProposeSolution(int day, bool isFirst)
    {
        string id = Diary.NewId("solution");
        Diary.Note(day, "solution_proposed", new()
        {
            ["solutionId"] = id,
            ["summary"] = About(isFirst ? "{0} as talked about, at one price." : "A service contract for {0}."),
            ["preferenceKeys"] = List([.. _preferences.TakeLast(2)]),
        });
        int answered = day + Chance.Between(1, 4);
        bool taken = Takes();
        Diary.Note(answered, taken ? "solution_accepted" : "solution_declined", taken
            ? new() { ["solutionId"] = id }
            : new() { ["solutionId"] = id, ["reason"] = Chance.Pick(Words.Declined) });
        return (answered, taken);
    }

    /// <summary>The work itself; says on which day it was over.</summary>
    private int Fulfil(int day, bool isFirst)
    {
        string order = Touch(day, "meeting", inbound: false, "Went through the order and the dates.", "positive");
        Buy(day, isFirst);
        int due = day + Chance.Between(8, 18);
        string kind = isFirst ? "installation" : "service_visit";
        string promise = Make(kind, day, due, order, "meeting");
        if (isFirst || Chance.Happens(40))
            Play(Make("documents", day, day + 6, order, "meeting"), day, day + 6);
        FollowUp("reassure", day, day + 4, order);
        var work = Play(promise, day, due);
        var after = work.Well && !Chance.Happens(10) ? work : Complain(work.Day + 1);
        int called = after.Day + 1;
        string call = Touch(called, "phone", inbound: true, "Asks a question about {0}.", "neutral");
        if (Chance.Happens(60))
            Play(Make("call_back", called, called + 2, call, "phone"), called, called + 2);
        FollowUp("check_satisfaction", called, called + 7, call);
        AskFeedback(called + 8, work.Well && after.Well);
        return called + 8;
    }

    private void Buy(int day, bool isFirst)
    {
        string id = Diary.NewId("purchase");
        long euros = isFirst ? Chance.Between(60, 180) * 100 : Chance.Between(3, 30) * 50;
        Diary.Note(day, "purchase_recorded", new()
        {
            ["purchaseId"] = id,
            ["amountMinor"] = euros * 100,
            ["currency"] = "EUR",
            ["marginMinor"] = euros * Chance.Between(8, 30),
        });
        if (isFirst && Client.Index % 5 == 1)
            Diary.Note(day + 20, "purchase_returned", new() { ["purchaseId"] = id, ["amountMinor"] = euros * 10 });
    }

    /// <summary>Something is wrong; says when it was over and whether it was put right.</summary>
    private Ending Complain(int day)
    {
        var decks = DecksOn(day);
        var (topic, text) = Chance.Pick(Words.Concerns);
        string touch = Touch(day, "phone", inbound: true, text, "negative");
        string id = Diary.NewId("concern");
        Diary.Note(day, "concern_raised", new()
        {
            ["concernId"] = id,
            ["severity"] = Chance.Pick<string>(["low", "normal", "normal", "high", "critical"]),
            ["topics"] = List(topic),
            ["summary"] = About(text),
            ["respondBy"] = Due(day + 1),
            ["memberId"] = Ref(Owner),
            ["team"] = Owner.TeamOn(day),
        });
        var course = decks.Concerns.Deal();
        if (course == ConcernCourse.Unanswered)
            return new(day + 5, false);
        int answered = day + (course == ConcernCourse.AnsweredLate ? 3 : Chance.Between(0, 1));
        Diary.Note(answered, "concern_acknowledged", OfConcern(id, answered));
        var repair = Play(Make("repair", answered, answered + 5, touch, "phone", id), answered, answered + 5);
        Resolve(id, repair.Day);
        if (course != ConcernCourse.Reopened)
            return repair with { Well = course == ConcernCourse.Resolved && repair.Well };
        int again = repair.Day + Chance.Between(1, 4);
        Diary.Note(again, "concern_reopened",
            new() { ["concernId"] = id, ["summary"] = About("{0}: still the same.") });
        Diary.Note(again, "concern_acknowledged", OfConcern(id, again));
        Resolve(id, again + 2);
        return new(again + 2, false);
    }

    private void Resolve(string concernId, int day)
    {
        var data = OfConcern(concernId, day);
        data["summary"] = Chance.Pick(Words.Resolved);
        Diary.Note(day, "concern_resolved", data);
    }

    private JsonObject OfConcern(string id, int day) =>
        new() { ["concernId"] = id, ["memberId"] = Ref(Owner), ["team"] = Owner.TeamOn(day) };

    private void AskFeedback(int day, bool content)
    {
        string id = Diary.NewId("feedback");
        string kind = Chance.Pick<string>(["csat", "csat", "nps", "nps", "ces", "comment"]);
        Diary.Note(day, "feedback_requested", new()
        {
            ["feedbackId"] = id, ["kind"] = kind, ["memberId"] = Ref(Owner), ["team"] = Owner.TeamOn(day),
        });
        var course = DecksOn(day).Feedback.Deal();
        if (course == FeedbackCourse.NotGiven)
            return;
        int given = day + Chance.Between(1, 6);
        Diary.Note(given, "feedback_received", new()
        {
            ["feedbackId"] = id,
            ["kind"] = kind,
            ["score"] = Score(kind, content),
            ["topics"] = List(content ? "service" : Chance.Pick(Words.Concerns).Topic),
            ["comment"] = Chance.Pick(content ? Words.Praise : Words.Blame),
            ["memberId"] = Ref(Owner),
            ["team"] = Owner.TeamOn(day),
        });
        if (course is FeedbackCourse.ActedUpon or FeedbackCourse.ActedUponAndTold)
        {
            Diary.Note(given + 3, "feedback_acted_upon",
                new() { ["feedbackId"] = id, ["action"] = Chance.Pick(Words.Acted) });
        }
        if (course is FeedbackCourse.Told or FeedbackCourse.ActedUponAndTold)
            Diary.Note(given + 5, "feedback_outcome_told", new() { ["feedbackId"] = id });
    }

    private JsonNode? Score(string kind, bool content) => (kind, content) switch
    {
        ("csat", true) => Chance.Between(4, 5),
        ("csat", false) => Chance.Between(1, 3),
        ("nps", true) => Chance.Between(8, 10),
        ("nps", false) => Chance.Between(2, 8),
        ("ces", true) => Chance.Between(5, 7),
        ("ces", false) => Chance.Between(2, 4),
        _ => null,
    };

    /// <summary>What is still owed on the last day: due soon, overdue, moved by agreement, or to be moved.</summary>
    private void OweSomething(int sort)
    {
        if (sort == 1 && Owner.TeamOn(0) == "heating")
            sort = 0;
        int made = sort switch { 0 => -2, 1 => -11, 2 => -14, 3 => -5, _ => -6 };
        string touch = Touch(made, "phone", inbound: true, "Asks when somebody comes to look at {0}.", "neutral");
        int due = sort switch { 0 => 2 + Client.Index % 4, 1 => -3 - Client.Index % 3, 2 => -2, 3 => 3, _ => 6 };
        string promise = Make(sort is 0 or 1 ? "call_back" : "service_visit", made, due, touch, "phone");
        if (sort == 2)
            Move(promise, due, due + 9);
        if (sort == 3)
            Propose(promise, -1, due + 6);
        if (sort == 4)
            Schedule("answer", made, 1 + Client.Index % 3, touch);
        if (sort == 5)
            Schedule("deliver_news", made, Owner.TeamOn(0) == "heating" ? 2 : -1, touch);
    }
}
