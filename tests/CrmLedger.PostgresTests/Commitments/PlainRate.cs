using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>A kept rate counted by plain code, in the words in which an answer is compared with it.</summary>
internal static class PlainRate
{
    private static readonly string[] s_classes =
    [
        "kept_first_date", "kept_agreed_date", "kept_late", "broken", "released", "moved_by_agreement", "overdue",
        "not_yet_due",
    ];

    /// <summary>Every number of some promises.</summary>
    public static string Of(IReadOnlyList<PlainCommitment> promises, DateTimeOffset time)
    {
        var classes = promises.ToLookup(p => p.Life.ClassAt(time));
        var counted = promises.Where(p => p.Life.ClassAt(time) is not ("released" or "not_yet_due")).ToList();
        double[] late = [.. classes["kept_late"].Select(p => p.Lateness).OfType<double>().Order()];
        int kept = classes["kept_first_date"].Count(), agreed = kept + classes["kept_agreed_date"].Count();
        int customers = promises.Select(p => p.Customer).Distinct().Count();
        return Text(s_classes.Select(c => (long)classes[c].Count()), counted.Count,
            $"{kept}/{counted.Count}",
            $"{agreed}/{counted.Count - classes["moved_by_agreement"].Count()}",
            late.Length == 0 ? null : (late[(late.Length - 1) / 2] + late[late.Length / 2]) / 2,
            counted.Count(p => p.Moves > 0),
            counted.Select(p => p.CauseAt(time)).OfType<string>().GroupBy(c => c).Select(c => (c.Key, c.LongCount())),
            counted.Count(p => p.Imported), counted.Count(p => p.RecordedLate), customers,
            customers == 0 ? null : (double)promises.Count / customers);
    }

    /// <summary>Every number of an answer, or of one of its groups or periods.</summary>
    public static string Of(JsonElement numbers) => Text(
        numbers.At("counts")!.Value.EnumerateObject().Select(c => c.Value.GetInt64()), numbers.Number("n")!.Value,
        $"{numbers.Text("strict.numerator")}/{numbers.Text("strict.denominator")}",
        $"{numbers.Text("agreed.numerator")}/{numbers.Text("agreed.denominator")}",
        numbers.At("medianLatenessSeconds")?.GetDouble(), numbers.Number("renegotiated")!.Value,
        numbers.At("missCauses")!.Value.EnumerateObject().Select(c => (c.Name, c.Value.GetInt64())),
        numbers.Number("imported")!.Value, numbers.Number("recordedLate")!.Value,
        numbers.Number("customers")!.Value, numbers.At("promisesPerCustomer")?.GetDouble());

    /// <summary>The bounds of the Wilson 95 % interval.</summary>
    public static (double Low, double High) Wilson(double k, double n)
    {
        const double z = 1.959963984540054;
        double spread = 1 + z * z / n, centre = (k / n + z * z / (2 * n)) / spread;
        double half = z * Math.Sqrt(k * (n - k) / (n * n * n) + z * z / (4 * n * n)) / spread;
        return (Math.Round(centre - half, 10), Math.Round(centre + half, 10));
    }

    private static string Text(
        IEnumerable<long> classes, long n, string strict, string agreed, double? lateness, long moved,
        IEnumerable<(string Cause, long Count)> causes, long imported, long late, long customers, double? each) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            {string.Join(' ', classes)}, n {n}, strict {strict}, agreed {agreed}, late by {lateness:0.###},
            moved {moved},
            missed by {string.Join(' ', causes.OrderBy(c => c.Cause).Select(c => $"{c.Cause} {c.Count}"))},
            imported {imported}, recorded late {late}, customers {customers}, each {each:0.#########}
            """);
}
