namespace CrmLedger.PostgresTests.Relationships;

/// <summary>Retention, stages and value counted once more, without the ledger's own code.</summary>
internal static class PlainLoyalty
{
    private static readonly string[] s_noCustomers = ["prospect", "lapsed"];

    /// <summary>What became of some customers in [start, end), on one line.</summary>
    public static string Line(
        IReadOnlyList<PlainRelationship> customers, DateTimeOffset start, DateTimeOffset end, DateTimeOffset time)
    {
        var (atStart, atEnd) = (LastMoment(start, time), LastMoment(end, time));
        int was = 0, retained = 0, isNew = 0, wonBack = 0;
        foreach (var customer in customers)
        {
            bool before = IsCustomer(customer.StageAt(atStart)), after = IsCustomer(customer.StageAt(atEnd));
            var bought = customer.Purchases.Values.Where(p => p.At <= atEnd && !(p.FullyReturnedAt <= atEnd)).ToList();
            was += before ? 1 : 0;
            retained += before && after ? 1 : 0;
            isNew += !before && after && bought.Min(p => p.At) >= start ? 1 : 0;
            wonBack += !before && after && bought.Min(p => p.At) < start ? 1 : 0;
        }
        var stages = customers.Select(c => c.StageAt(atEnd)).OfType<string>().GroupBy(s => s)
            .Select(g => $"{g.Key}={g.Count()}").Order(StringComparer.Ordinal);
        var reasons = customers.SelectMany(c => c.Endings).Where(e => e.At >= start && e.At < end)
            .GroupBy(e => e.Reason).Select(g => $"{g.Key}={g.Count()}").Order(StringComparer.Ordinal);
        var purchases = customers.SelectMany(c => c.Purchases.Values).ToList();
        var value = purchases.GroupBy(p => p.Currency).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key,
                Bought: g.Where(p => p.At >= start && p.At < end).ToList(),
                Returned: g.SelectMany(p => p.Returns).Where(r => r.At >= start && r.At < end).ToList()))
            .Where(v => v.Bought.Count > 0 || v.Returned.Sum(r => r.Amount) > 0)
            .Select(v => $"{v.Key}={v.Bought.Count}/{v.Bought.Sum(p => p.Amount)}/{v.Returned.Sum(r => r.Amount)}");
        return string.Join(' ', was, retained, was - retained, isNew, wonBack, retained + isNew + wonBack,
            string.Join(',', stages), string.Join(',', reasons), string.Join(',', value));
    }

    /// <summary>What there is to fear of a relationship that has not lapsed.</summary>
    public static List<string> RisksOf(PlainRelationship customer, DateTimeOffset time)
    {
        var risks = new List<string>();
        DateTimeOffset[] bought =
            [.. customer.Purchases.Values.Where(p => p.At <= time && !(p.FullyReturnedAt <= time)).Select(p => p.At)];
        DateTime[] days = [.. bought.Select(b => b.UtcDateTime.Date).Distinct().Order()];
        double[] gaps = [.. days.Zip(days.Skip(1), (a, b) => (b - a).TotalDays).Order()];
        double gap = gaps.Length == 0 ? 90 : Math.Max(7, (gaps[(gaps.Length - 1) / 2] + gaps[gaps.Length / 2]) / 2);
        if (bought.Length > 0 && (time - bought.Max()).TotalDays >= 2 * gap)
            risks.Add("silence");
        if (customer.TrustAt(time) < 40)
            risks.Add("low_trust");
        if (customer.Concerns.Values.Any(c => c.Severity == "critical" && c.IsOpenAt(time)))
            risks.Add("critical_concern");
        return risks;
    }

    private static bool IsCustomer(string? stage) => stage is not null && !s_noCustomers.Contains(stage);

    /// <summary>The last microsecond before a bound.</summary>
    private static DateTimeOffset LastMoment(DateTimeOffset bound, DateTimeOffset time) =>
        bound > time ? time : bound.AddTicks(-10);
}
