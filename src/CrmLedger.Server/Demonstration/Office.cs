using CrmLedger.Promises;

namespace CrmLedger.Server.Demonstration;

/// <summary>The course that a promise takes.</summary>
internal enum PromiseCourse
{
    Kept,
    Confirmed,
    Moved,
    MovedTwice,
    DateRefused,
    Reassigned,
    Late,
    MovedAndLate,
    DateRefusedAndLate,
    ReassignedAndLate,
    Disputed,
    DisputedAndKeptAgain,
    Withdrawn,
    Released,
    ReleasedLate,
    Forgotten,
}

/// <summary>The course that a follow-up takes.</summary>
internal enum FollowUpCourse
{
    Completed,
    Late,
    MovedByAgreement,
    MovedAlone,
    Reassigned,
    Cancelled,
    Forgotten,
}

/// <summary>The course that a concern takes.</summary>
internal enum ConcernCourse
{
    Resolved,
    Reopened,
    AnsweredLate,
    Unanswered,
}

/// <summary>The course that a request for feedback takes.</summary>
internal enum FeedbackCourse
{
    ActedUponAndTold,
    ActedUpon,
    Told,
    Ignored,
    NotGiven,
}

/// <summary>
/// How each team works: the heating fitters keep their word, solar mostly, the kitchen fitters promise more than they
/// can do. The decks are shared by a team's customers, so that the shares come out as they were meant.
/// </summary>
internal sealed class Office
{
    private readonly Dictionary<string, TeamDecks> _teams;

    /// <param name="chance">Shuffles the decks.</param>
    public Office(Chance chance)
    {
        Taken = new(chance, (true, 4), (false, 1));
        _teams = new()
        {
            ["heating"] = new(Promises(chance, kept: 8, agreed: 2, late: 1, broken: 0), FollowUps(chance, 14, 1),
                Concerns(chance, 6, 1), Feedback(chance, 6, 1), Causes(chance, MissCause.Dependency)),
            ["solar"] = new(Promises(chance, kept: 8, agreed: 3, late: 2, broken: 1), FollowUps(chance, 9, 2),
                Concerns(chance, 4, 1), Feedback(chance, 4, 2), Causes(chance, MissCause.Product)),
            ["kitchens"] = new(Promises(chance, kept: 3, agreed: 1, late: 3, broken: 2), FollowUps(chance, 5, 3),
                Concerns(chance, 2, 2), Feedback(chance, 2, 4), Causes(chance, MissCause.Capacity)),
        };
    }

    /// <summary>Whether what is proposed is taken, four times of five.</summary>
    public Deck<bool> Taken { get; }

    /// <summary>The decks of a team.</summary>
    public TeamDecks this[string team] => _teams[team];

    /// <summary>More of each sort as told; a team that is seldom late is so in one way only.</summary>
    private static Deck<PromiseCourse> Promises(Chance chance, int kept, int agreed, int late, int broken) => new(
        chance,
        (PromiseCourse.Kept, 2 + 2 * kept), (PromiseCourse.Confirmed, 2 + kept), (PromiseCourse.Moved, 1 + agreed),
        (PromiseCourse.MovedTwice, 1), (PromiseCourse.DateRefused, 1), (PromiseCourse.Reassigned, 1 + agreed),
        (PromiseCourse.Late, 1 + 2 * late), (PromiseCourse.MovedAndLate, late > 1 ? 1 : 0),
        (PromiseCourse.DateRefusedAndLate, late > 1 ? 1 : 0), (PromiseCourse.ReassignedAndLate, late > 1 ? 1 : 0),
        (PromiseCourse.Disputed, broken > 0 ? 1 : 0), (PromiseCourse.DisputedAndKeptAgain, 1),
        (PromiseCourse.Withdrawn, broken), (PromiseCourse.Released, 1),
        (PromiseCourse.ReleasedLate, broken > 0 ? 1 : 0), (PromiseCourse.Forgotten, broken));

    private static Deck<FollowUpCourse> FollowUps(Chance chance, int well, int badly) => new(chance,
        (FollowUpCourse.Completed, well), (FollowUpCourse.MovedByAgreement, 2), (FollowUpCourse.Reassigned, 1),
        (FollowUpCourse.Late, badly), (FollowUpCourse.MovedAlone, 1), (FollowUpCourse.Cancelled, 1),
        (FollowUpCourse.Forgotten, badly - 1));

    private static Deck<ConcernCourse> Concerns(Chance chance, int well, int badly) => new(chance,
        (ConcernCourse.Resolved, well), (ConcernCourse.Reopened, badly), (ConcernCourse.AnsweredLate, badly),
        (ConcernCourse.Unanswered, badly - 1));

    private static Deck<FeedbackCourse> Feedback(Chance chance, int well, int badly) => new(chance,
        (FeedbackCourse.ActedUponAndTold, well), (FeedbackCourse.ActedUpon, 1), (FeedbackCourse.Told, 1),
        (FeedbackCourse.Ignored, badly), (FeedbackCourse.NotGiven, badly));

    /// <summary>Every cause twice, and the team's usual one five times.</summary>
    private static Deck<MissCause> Causes(Chance chance, MissCause usual) => new(chance,
        [.. Enum.GetValues<MissCause>().Select(c => (c, c == usual ? 5 : 2))]);
}

/// <summary>How things turn out in a team.</summary>
internal sealed record TeamDecks(
    Deck<PromiseCourse> Promises, Deck<FollowUpCourse> FollowUps, Deck<ConcernCourse> Concerns,
    Deck<FeedbackCourse> Feedback, Deck<MissCause> Causes);
