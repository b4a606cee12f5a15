using System.Collections.Immutable;
using CrmLedger.FollowUps;
using CrmLedger.Promises;

namespace CrmLedger.Commitments;

/// <summary>
/// Counts commitments into a kept rate. It holds whole numbers and sets only, so that neither the order of adding nor
/// the way of splitting the work changes a digit. Not for several threads: give each its own and merge them.
/// </summary>
/// <param name="asOf">The time asked about, UTC.</param>
public sealed class KeptRateTally(DateTimeOffset asOf)
{
    private readonly long[] _counts = new long[Enum.GetValues<KeptClass>().Length];
    private readonly SortedDictionary<MissCause, long> _causes = [];
    private readonly HashSet<Guid> _customers = [];
    private readonly List<long> _latenessTicks = [];
    private long _notYetDue;
    private long _renegotiated;
    private long _imported;
    private long _recordedLate;

    /// <summary>Counts a promise.</summary>
    public void Add(Guid customerId, Promise promise) => Add(customerId, new Counted(
        KeptRate.Classify(promise, asOf), promise.KeptAt - promise.FirstDue, promise.Renegotiations > 0,
        promise.Imported, promise.RecordedLate, promise.MissCause));

    /// <summary>Counts a follow-up.</summary>
    public void Add(Guid customerId, FollowUp followUp) => Add(customerId, new Counted(
        KeptRate.Classify(followUp, asOf), followUp.CompletedAt - followUp.FirstDue, followUp.Renegotiations > 0,
        followUp.Imported, followUp.RecordedLate, null));

    /// <summary>Adds what another tally of the same time counted.</summary>
    public void Merge(KeptRateTally other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        foreach (var (cause, count) in other._causes)
            _causes[cause] = _causes.GetValueOrDefault(cause) + count;
        _customers.UnionWith(other._customers);
        _latenessTicks.AddRange(other._latenessTicks);
        _notYetDue += other._notYetDue;
        _renegotiated += other._renegotiated;
        _imported += other._imported;
        _recordedLate += other._recordedLate;
    }

    /// <summary>The rates of all that was added.</summary>
    public KeptRateResult Result()
    {
        long settled = Of(KeptClass.KeptFirstDate) + Of(KeptClass.KeptAgreedDate) + Of(KeptClass.KeptLate)
            + Of(KeptClass.Broken) + Of(KeptClass.Overdue);
        long counted = settled + Of(KeptClass.MovedByAgreement);
        return new()
        {
            KeptFirstDate = Of(KeptClass.KeptFirstDate),
            KeptAgreedDate = Of(KeptClass.KeptAgreedDate),
            KeptLate = Of(KeptClass.KeptLate),
            Broken = Of(KeptClass.Broken),
            Released = Of(KeptClass.Released),
            MovedByAgreement = Of(KeptClass.MovedByAgreement),
            Overdue = Of(KeptClass.Overdue),
            NotYetDue = _notYetDue,
            N = counted,
            Strict = new(Of(KeptClass.KeptFirstDate), counted),
            Agreed = new(Of(KeptClass.KeptFirstDate) + Of(KeptClass.KeptAgreedDate), settled),
            MedianLatenessSeconds = MedianLateness(),
            Renegotiated = new(_renegotiated, counted),
            MissCauses = _causes.ToImmutableSortedDictionary(),
            Imported = _imported,
            RecordedLate = _recordedLate,
            Made = counted + Of(KeptClass.Released) + _notYetDue,
            Customers = _customers.Count,
        };
    }

    private long Of(KeptClass which) => _counts[(int)which];

    private void Add(Guid customerId, Counted one)
    {
        _customers.Add(customerId);
        if (one.Class is not { } which)
        {
            _notYetDue++;
            return;
        }
        _counts[(int)which]++;
        if (which == KeptClass.Released)
            return;
        if (one.Renegotiated)
            _renegotiated++;
        if (one.Imported)
            _imported++;
        if (one.RecordedLate)
            _recordedLate++;
        // A miss that was explained may have been overturned since, or agreed away.
        bool missed = which is KeptClass.KeptLate or KeptClass.Broken or KeptClass.Overdue;
        if (missed && one.MissCause is { } cause)
            _causes[cause] = _causes.GetValueOrDefault(cause) + 1;
        if (which == KeptClass.KeptLate && one.AfterFirstDue is { Ticks: > 0 } lateness)
            _latenessTicks.Add(lateness.Ticks);
    }

    private double? MedianLateness()
    {
        if (_latenessTicks.Count == 0)
            return null;
        long[] sorted = [.. _latenessTicks.Order()];
        int middle = sorted.Length / 2;
        long twice = sorted.Length % 2 == 1 ? 2 * sorted[middle] : sorted[middle - 1] + sorted[middle];
        return twice / (2.0 * TimeSpan.TicksPerSecond);
    }

    private readonly record struct Counted(
        KeptClass? Class, TimeSpan? AfterFirstDue, bool Renegotiated, bool Imported, bool RecordedLate,
        MissCause? MissCause);
}
