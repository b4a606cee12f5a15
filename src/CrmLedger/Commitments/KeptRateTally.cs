using System.Collections;
using System.Collections.Immutable;
using CrmLedger.Promises;

namespace CrmLedger.Commitments;

/// <summary>
/// Counts commitments into a kept rate. It holds whole numbers only, so that neither the order of adding nor the way of
/// splitting the work changes a digit. Not for several threads: give each its own and merge them.
/// </summary>
/// <param name="asOf">The time asked about, UTC.</param>
public sealed class KeptRateTally(DateTimeOffset asOf)
{
    private readonly long[] _counts = new long[Enum.GetValues<KeptClass>().Length];
    private readonly long[] _causes = new long[Enum.GetValues<MissCause>().Length];
    private readonly RentedList<int> _customers = new();
    private readonly RentedList<long> _latenessTicks = new();
    private int _lastCustomer = -1;
    private bool _customersAscend = true;
    private long _notYetDue;
    private long _renegotiated;
    private long _imported;
    private long _recordedLate;

    /// <summary>Counts a commitment.</summary>
    /// <param name="customer">
    /// A number that stands for the customer, from 0 and with few left out. Quickest when these never fall, within a
    /// tally and from one merged to the next.
    /// </param>
    /// <param name="one">The commitment as known at the time asked about.</param>
    public void Add(int customer, in CountedCommitment one)
    {
        if (customer != _lastCustomer)
        {
            _customersAscend &= customer > _lastCustomer;
            _customers.Add(_lastCustomer = customer);
        }
        if (one.ClassAt(asOf) is not { } which)
        {
            _notYetDue++;
            return;
        }
        _counts[(int)which]++;
        if (which == KeptClass.Released)
            return;
        if (one.Renegotiations > 0)
            _renegotiated++;
        if (one.Imported)
            _imported++;
        if (one.RecordedLate)
            _recordedLate++;
        // A miss that was explained may have been overturned since, or agreed away.
        bool missed = which is KeptClass.KeptLate or KeptClass.Broken or KeptClass.Overdue;
        if (missed && one.MissCause is { } cause)
            _causes[(int)cause]++;
        if (which == KeptClass.KeptLate && one.AfterFirstDue is { Ticks: > 0 } lateness)
            _latenessTicks.Add(lateness.Ticks);
    }

    /// <summary>Adds what another tally of the same time counted.</summary>
    public void Merge(KeptRateTally other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        for (int i = 0; i < _causes.Length; i++)
            _causes[i] += other._causes[i];
        if (other._customers.Count > 0)
        {
            _customersAscend &= other._customersAscend && other._customers.Items[0] > _lastCustomer;
            _customers.Add(other._customers.Items);
            _lastCustomer = other._lastCustomer;
        }
        _latenessTicks.Add(other._latenessTicks.Items);
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
            MissCauses = Enum.GetValues<MissCause>().Where(cause => _causes[(int)cause] > 0)
                .ToImmutableSortedDictionary(cause => cause, cause => _causes[(int)cause]),
            Imported = _imported,
            RecordedLate = _recordedLate,
            Made = counted + Of(KeptClass.Released) + _notYetDue,
            Customers = _customersAscend ? _customers.Count : DistinctCustomers(),
        };
    }

    /// <summary>Gives back the memory that was counted in; nothing may be asked of it any more.</summary>
    public void Release()
    {
        _customers.Release();
        _latenessTicks.Release();
    }

    private long Of(KeptClass which) => _counts[(int)which];

    private int DistinctCustomers()
    {
        int highest = 0;
        foreach (int customer in _customers.Items)
            highest = Math.Max(highest, customer);
        var met = new BitArray(highest + 1);
        int distinct = 0;
        foreach (int customer in _customers.Items)
        {
            if (met[customer])
                continue;
            met[customer] = true;
            distinct++;
        }
        return distinct;
    }

    private double? MedianLateness() => _latenessTicks.Count == 0
        ? null
        : Median.Doubled(_latenessTicks.Items) / (2.0 * TimeSpan.TicksPerSecond);
}
