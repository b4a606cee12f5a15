using CrmLedger.Commitments;
using CrmLedger.Promises;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Commitments;

/// <summary>
/// Some of the promises that a kept rate is of: those behind one of its numbers. The rate says how many they are, and
/// the promise itself whether it is one of them.
/// </summary>
/// <param name="CountOf">How many a rate counted.</param>
/// <param name="Takes">Whether a promise of this class, null for not yet due, is one of them.</param>
public sealed record KeptRatePart(Func<KeptRateResult, long> CountOf, Func<Promise, KeptClass?, bool> Takes)
{
    private const string NotYetDue = "not_yet_due";

    /// <summary>The classes, as they are written.</summary>
    public static IReadOnlyList<string> Classes { get; } = [.. Words.Names<KeptClass>(), NotYetDue];

    /// <summary>All of them.</summary>
    public static KeptRatePart All { get; } = new(rate => rate.Made, (_, _) => true);

    /// <summary>The parameters, for the description of an operation.</summary>
    public static IReadOnlyList<(string Name, string Description)> Parameters { get; } =
    [
        ("class", "Only of these classes, with commas between: " + string.Join(", ", Classes) + "."),
        ("cause", "Only misses that were explained by this cause: "
            + string.Join(", ", Words.Names<MissCause>()) + "."),
        ("only", "Only what is counted as imported, recorded_late or renegotiated."),
    ];

    /// <summary>How a class is written; null is not yet due.</summary>
    public static string Name(KeptClass? which) => which is { } there ? Words.Name(there) : NotYetDue;

    /// <summary>What is asked for, by at most one of the parameters.</summary>
    public static KeptRatePart Asked(Query query)
    {
        var classes = query.WordList("class", Classes);
        var cause = query.Word<MissCause>("cause");
        string? only = query.Word("only", "imported", "recorded_late", "renegotiated");
        if ((classes is null ? 0 : 1) + (cause is null ? 0 : 1) + (only is null ? 0 : 1) > 1)
            query.Refuse(cause is null ? "only" : "cause", "does not go with another of class, cause and only.");
        if (classes is not null)
            return OfClasses(classes);
        if (cause is { } which)
            return new(rate => rate.MissCauses.GetValueOrDefault(which), (p, of) => p.MissCause == which && IsMiss(of));
        return only switch
        {
            null => All,
            "imported" => new(rate => rate.Imported, (p, of) => p.Imported && IsCounted(of)),
            "recorded_late" => new(rate => rate.RecordedLate, (p, of) => p.RecordedLate && IsCounted(of)),
            _ => new(rate => rate.Renegotiated.Numerator, (p, of) => p.Renegotiations > 0 && IsCounted(of)),
        };
    }

    private static KeptRatePart OfClasses(IReadOnlySet<string> classes) => new(
        rate => classes.Sum(name => CountOfClass(rate, name)), (_, of) => classes.Contains(Name(of)));

    private static long CountOfClass(KeptRateResult rate, string name) => name switch
    {
        "kept_first_date" => rate.KeptFirstDate,
        "kept_agreed_date" => rate.KeptAgreedDate,
        "kept_late" => rate.KeptLate,
        "broken" => rate.Broken,
        "released" => rate.Released,
        "moved_by_agreement" => rate.MovedByAgreement,
        "overdue" => rate.Overdue,
        _ => rate.NotYetDue,
    };

    private static bool IsMiss(KeptClass? of) => of is KeptClass.KeptLate or KeptClass.Broken or KeptClass.Overdue;

    private static bool IsCounted(KeptClass? of) => of is not null and not KeptClass.Released;
}
