namespace CrmLedger.Campaigns.Model;

/// <summary>
/// Draws sequences of steps: few ids and near dates, so that things meet. Dates are passed, and met to the microsecond;
/// ids repeat; entries are annulled; customers are merged while something is owed to them.
/// </summary>
/// <param name="random">Draws.</param>
/// <param name="clock">What the server's clock shows at each step.</param>
internal sealed class RandomSteps(Random random, IReadOnlyList<DateTimeOffset> clock)
{
    private static readonly TimeSpan s_microsecond = TimeSpan.FromMicroseconds(1);

    /// <summary>What often follows: by chance alone few things get far in life.</summary>
    private static readonly Dictionary<string, string[]> s_followers = new(StringComparer.Ordinal)
    {
        ["promise_made"] = ["promise_renegotiation_proposed", "promise_declared_kept", "promise_reassigned"],
        ["promise_renegotiation_proposed"] =
            ["promise_renegotiation_accepted", "promise_renegotiation_accepted", "promise_renegotiation_refused"],
        ["promise_renegotiation_accepted"] = ["promise_declared_kept", "promise_renegotiation_proposed"],
        ["promise_declared_kept"] = ["promise_confirmed", "promise_disputed", "promise_miss_explained"],
        ["promise_disputed"] = ["promise_declared_kept", "promise_miss_explained"],
        ["follow_up_scheduled"] = ["follow_up_rescheduled", "follow_up_completed", "follow_up_reassigned"],
        ["follow_up_rescheduled"] = ["follow_up_completed", "follow_up_rescheduled"],
        ["concern_raised"] = ["concern_acknowledged", "concern_resolved"],
        ["concern_resolved"] = ["concern_reopened"],
        ["concern_reopened"] = ["concern_acknowledged", "concern_resolved"],
        ["feedback_requested"] = ["feedback_received"],
        ["feedback_received"] = ["feedback_acted_upon", "feedback_outcome_told"],
        ["solution_proposed"] = ["solution_accepted", "solution_declined"],
        ["purchase_recorded"] = ["purchase_returned"],
        ["customer_merged_into"] = ["customer_unmerged"],
        ["relationship_ended"] = ["relationship_renewed"],
    };

    private readonly List<Step> _steps = [];
    private readonly List<Step> _accepted = [];
    private readonly RandomFields _fields = new(random, clock);

    /// <summary>What a clock shows that now and then stands still and now and then leaps by days.</summary>
    public static IReadOnlyList<DateTimeOffset> Clock(Random random, DateTimeOffset start, int steps)
    {
        int[] hours = [0, 0, 1, 1, 2, 4, 8, 12, 24, 24, 72];
        var shown = new List<DateTimeOffset>();
        for (var now = start; shown.Count < steps; now += TimeSpan.FromHours(hours[random.Next(hours.Length)]))
            shown.Add(now);
        return shown;
    }

    /// <summary>One sequence. The reference is asked on the way, so that what was accepted can be built upon.</summary>
    public Sequence Draw(int number)
    {
        var reference = new ReferenceLedger();
        _steps.Clear();
        _accepted.Clear();
        while (_steps.Count < clock.Count)
        {
            var step = _accepted.Count == 0 ? First() : random.Next(14) == 0 ? Repeated() : Next();
            _steps.Add(step);
            if (reference.Ask(step) is { Event: not null, IsRepeated: false })
                _accepted.Add(step);
        }
        return new(number, [.. _steps]);
    }

    private Step First() => Sent(new()
    {
        Number = _steps.Count,
        At = clock[_steps.Count],
        Customer = 0,
        Event = "customer_registered",
        Body = _fields.Of("customer_registered", _steps.Count),
    });

    private Step Next()
    {
        string name = Some(RandomFields.Names);
        int customer = random.Next(10) switch { < 7 => 0, < 9 => 1, _ => 2 };
        var before = _accepted[^(1 + random.Next(Math.Min(6, _accepted.Count)))];
        if (_steps.Count < 3 && random.Next(6) > 0)
            (name, customer) = ("customer_registered", _steps.Count);
        else if (random.Next(2) == 0 && s_followers.TryGetValue(before.Event, out string[]? followers))
            (name, customer) = (Some(followers), before.Customer);
        else if (_accepted.FindAll(s => s.Customer == customer && IsOfOneSort(s.Event, name)) is { Count: > 0 } those)
            before = Some(those);
        else if (random.Next(3) > 0)
            name = RandomFields.Beginnings.FirstOrDefault(b => IsOfOneSort(b, name)) ?? name;
        return Sent(new()
        {
            Number = _steps.Count,
            At = clock[_steps.Count],
            Customer = customer,
            Event = name,
            Body = _fields.Of(name, _steps.Count, before.Body),
            OccurredAt = Claim(),
            Annuls = name == "entry_annulled" ? Earlier(customer) : null,
            MergesInto = name == "customer_merged_into" ? random.Next(3) : null,
        });
    }

    private static bool IsOfOneSort(string one, string other) =>
        one.AsSpan(0, one.IndexOf('_')).SequenceEqual(other.AsSpan(0, other.IndexOf('_')));

    /// <summary>The way that it takes, and what it carries besides the command.</summary>
    private Step Sent(Step step)
    {
        bool asCloudEvent = random.Next(4) == 0;
        return step with
        {
            AsCloudEvent = asCloudEvent,
            Imported = asCloudEvent && random.Next(3) == 0,
            EventId = asCloudEvent || random.Next(3) == 0 ? $"e{step.Number}" : null,
            VersionOff = asCloudEvent ? null : random.Next(20) switch { 0 => 0, 1 => random.Next(3), _ => null },
        };
    }

    /// <summary>The same event again, as it was or with something else under its id.</summary>
    private Step Repeated()
    {
        var named = _steps.FindAll(s => s.EventId is not null);
        if (named.Count == 0)
            return Next();
        var again = Some(named) with { Number = _steps.Count, At = clock[_steps.Count] };
        again = random.Next(6) switch
        {
            0 => again with { OccurredAt = (again.OccurredAt ?? again.At) - s_microsecond },
            1 => again with { Customer = (again.Customer + 1) % 3 },
            2 => Next() with { EventId = again.EventId },
            _ => again,
        };
        return random.Next(2) == 0
            ? again
            : again with { AsCloudEvent = !again.AsCloudEvent, Imported = false, VersionOff = null };
    }

    /// <summary>The entry that is to be annulled: mostly one of the same customer, not too long ago.</summary>
    private string Earlier(int customer)
    {
        var candidates = random.Next(10) == 0 ? _steps : _steps.FindAll(s => s.Customer == customer);
        return candidates.Count == 0 ? "nothing" : candidates[^(1 + random.Next(Math.Min(12, candidates.Count)))].Key;
    }

    /// <summary>Told at once or later, some of it at the edge of what is taken at its word.</summary>
    private DateTimeOffset? Claim()
    {
        var now = clock[_steps.Count];
        var day = TimeSpan.FromHours(24);
        return random.Next(24) switch
        {
            0 => now - day,
            1 => now - day - s_microsecond,
            2 => now.AddMinutes(5),
            3 => random.Next(3) == 0 ? now.AddMinutes(5) + s_microsecond : now.AddMinutes(2),
            < 8 => now.AddHours(-random.Next(60)),
            < 11 => clock[random.Next(_steps.Count + 1)],
            _ => null,
        };
    }

    private T Some<T>(IReadOnlyList<T> those) => those[random.Next(those.Count)];
}
