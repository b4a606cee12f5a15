using System.Text.Json.Serialization;
using CrmLedger.Commitments;
using CrmLedger.Promises;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Commitments;

/// <summary>The commitment-kept rate.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; null for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="From">First due at or after, UTC.</param>
/// <param name="To">First due before, UTC.</param>
/// <param name="By">What it is grouped by.</param>
/// <param name="Over">Of which periods each number is also told, by the first due date; null for none.</param>
/// <param name="Total">All of them.</param>
/// <param name="Groups">Each group, by key.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found; null for nothing.</param>
/// <param name="Statement">The signed statement, a C2SP signed note; null when it was not asked for.</param>
public sealed record KeptRateAnswer(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, DateTimeOffset? From,
    DateTimeOffset? To, string? By, string? Over, KeptRateTotal Total, IReadOnlyList<KeptRateGroup> Groups,
    string? Notice, string? Statement = null);

/// <summary>How many promises are of each class.</summary>
/// <param name="KeptFirstDate">K1: kept by the date first promised.</param>
/// <param name="KeptAgreedDate">K2: kept by a date that the customer agreed to in time.</param>
/// <param name="KeptLate">L: kept late, again after a dispute, or made only after its own due date.</param>
/// <param name="Broken">B: taken back, in dispute, or let off only after the date.</param>
/// <param name="Released">X: let off in time; not counted.</param>
/// <param name="MovedByAgreement">R: open, and moved by agreement to a date that lies ahead.</param>
/// <param name="Overdue">O: open and past due.</param>
/// <param name="NotYetDue">First due after the time asked about; not counted.</param>
public sealed record KeptRateCounts(
    long KeptFirstDate, long KeptAgreedDate, long KeptLate, long Broken, long Released, long MovedByAgreement,
    long Overdue, long NotYetDue);

/// <summary>A kept rate and what is needed to judge it.</summary>
/// <param name="Counts">How many of each class.</param>
/// <param name="N">How many were counted: K1+K2+L+B+O+R.</param>
/// <param name="Strict">K1 of n.</param>
/// <param name="Agreed">K1+K2 of K1+K2+L+B+O.</param>
/// <param name="MedianLatenessSeconds">Of those kept after their first due date; null of none.</param>
/// <param name="Renegotiated">How many of n were moved by agreement at least once.</param>
/// <param name="RenegotiationRate">Share of n that was moved by agreement at least once; null of none.</param>
/// <param name="MissCauses">The causes of misses that were stated.</param>
/// <param name="Imported">How many of n came with an import.</param>
/// <param name="RecordedLate">How many of n were recorded too late to be taken at their word.</param>
/// <param name="Customers">To how many customers.</param>
/// <param name="PromisesPerCustomer">All that were made, for each customer; falling: promises are avoided.</param>
public record KeptRateNumbers(
    KeptRateCounts Counts, long N, Share Strict, Share Agreed, double? MedianLatenessSeconds, long Renegotiated,
    double? RenegotiationRate, IReadOnlyDictionary<string, long> MissCauses, long Imported, long RecordedLate,
    long Customers, double? PromisesPerCustomer)
{
    /// <summary>The numbers of a result.</summary>
    public static KeptRateNumbers Of(KeptRateResult r) => new(
        new(r.KeptFirstDate, r.KeptAgreedDate, r.KeptLate, r.Broken, r.Released, r.MovedByAgreement, r.Overdue,
            r.NotYetDue),
        r.N, r.Strict, r.Agreed, r.MedianLatenessSeconds, r.Renegotiated.Numerator, r.Renegotiated.Rate,
        r.MissCauses.ToDictionary(c => Words.Name(c.Key), c => c.Value), r.Imported,
        r.RecordedLate, r.Customers, r.MadePerCustomer);
}

/// <summary>The numbers of all, and how they went over time.</summary>
public record KeptRateTotal : KeptRateNumbers
{
    /// <summary>The numbers of all periods together, and of each, where they were asked for.</summary>
    public KeptRateTotal(KeptRateNumbers numbers, IReadOnlyList<KeptRatePeriod>? over)
        : base(numbers) => Over = over;

    /// <summary>
    /// The numbers of each period, the earliest first, without those in which nothing was first due; null unless asked
    /// for.
    /// </summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<KeptRatePeriod>? Over { get; }
}

/// <summary>One group.</summary>
public sealed record KeptRateGroup : KeptRateTotal
{
    /// <summary>A group's numbers of all periods together, and of each, where they were asked for.</summary>
    public KeptRateGroup(string key, string label, KeptRateNumbers numbers, IReadOnlyList<KeptRatePeriod>? over)
        : base(numbers, over) => (Key, Label) = (key, label);

    /// <summary>A member's or customer's id, a team, a kind, a channel, a day, a week or a month.</summary>
    public string Key { get; }

    /// <summary>The same for people to read.</summary>
    public string Label { get; }
}

/// <summary>One period.</summary>
public sealed record KeptRatePeriod : KeptRateNumbers
{
    /// <summary>The numbers of a period.</summary>
    public KeptRatePeriod(string key, KeptRateNumbers numbers)
        : base(numbers) => Key = key;

    /// <summary>The day, the ISO week or the month, UTC: 2026-02-09, 2026-W07 or 2026-02.</summary>
    public string Key { get; }
}

/// <summary>A promise behind a kept rate.</summary>
/// <param name="Class">Its class.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who that is.</param>
/// <param name="PromiseId">The promise.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="MakerId">Who made it.</param>
/// <param name="Maker">Who that is.</param>
/// <param name="MakerTeam">The maker's team then.</param>
/// <param name="HolderId">Who holds it.</param>
/// <param name="Holder">Who that is.</param>
/// <param name="HolderTeam">The holder's team.</param>
/// <param name="FirstDue">The date first promised, UTC.</param>
/// <param name="BindingDue">The last date agreed in time, UTC.</param>
/// <param name="Status">Where it stood at the time asked about.</param>
/// <param name="KeptAt">From when its last declaration counts, UTC.</param>
/// <param name="Promise">Where the promise with all its events is to be read.</param>
public sealed record KeptRateItem(
    string Class, Guid CustomerId, Named? Customer, string PromiseId, string Kind, Guid MakerId, Named? Maker,
    string MakerTeam, Guid HolderId, Named? Holder, string HolderTeam, DateTimeOffset FirstDue,
    DateTimeOffset BindingDue, PromiseStatus Status, DateTimeOffset? KeptAt, string Promise);

/// <summary>A page of the promises behind a kept rate.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects, on all pages the same; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Total">How many there are on all pages.</param>
/// <param name="Items">The page, the earliest first due date first.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out on the last page.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record KeptRatePage(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, int Total,
    IReadOnlyList<KeptRateItem> Items, string? Next, string? Notice);
