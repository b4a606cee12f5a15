using System.Diagnostics;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.Purchases;
using CrmLedger.Relationships;
using CrmLedger.Trust;

namespace CrmLedger.EventStore.Views;

/// <summary>What is counted of one thing of a relationship.</summary>
public readonly struct CountedPart
{
    private readonly object? _thing;

    /// <summary>The evidence of trust that it gives.</summary>
    public CountedEvidence[] Evidence { get; }

    /// <summary>The concern, if it is one.</summary>
    public Concern? Concern => _thing as Concern;

    /// <summary>The feedback, if it is some.</summary>
    public CustomerFeedback? Feedback => _thing as CustomerFeedback;

    /// <summary>The purchase, if it is one.</summary>
    public Purchase? Purchase => _thing as Purchase;

    /// <summary>The relationship itself, if it is that.</summary>
    public Relationship? Relationship => _thing as Relationship;

    internal CountedPart(CountedEvidence[] evidence, object? thing) => (Evidence, _thing) = (evidence, thing);
}

/// <summary>A thing of a relationship, packed. A change of it is a new version of the view.</summary>
/// <remarks>
/// A byte for what it is (0 promise or follow-up, 1 concern, 2 feedback, 3 purchase, 4 relationship), the number of
/// pieces of evidence (LEB128), these as <see cref="EvidenceSummary" /> packs them, and then, unless it is 0, all that
/// the row holds of it, as .NET's BinaryWriter writes it: times as ticks of UTC, −2⁶³ for none, lists after their
/// length.
/// </remarks>
public static class PartSummary
{
    private const long NoTime = long.MinValue;

    /// <summary>Packs.</summary>
    public static byte[] Write(RelationshipPart part)
    {
        using var packed = new MemoryStream(64);
        using var to = new BinaryWriter(packed);
        to.Write((byte)(part.Source?.Concern is not null ? 1 : part.Source?.Feedback is not null ? 2
            : part.Purchase is not null ? 3 : part.Relationship is not null ? 4 : 0));
        IReadOnlyList<Evidence> evidence = part.Source is { } source ? source.Evidence : [];
        to.Write7BitEncodedInt(evidence.Count);
        to.Write(EvidenceSummary.Write(evidence));
        switch (part)
        {
            case { Source.Concern: { } concern }:
                Write(to, concern);
                break;
            case { Source.Feedback: { } feedback }:
                Write(to, feedback);
                break;
            case { Purchase: { } purchase }:
                Write(to, purchase);
                break;
            case { Relationship: { } relationship }:
                Write(to, relationship);
                break;
        }
        return packed.ToArray();
    }

    /// <summary>What was packed.</summary>
    public static CountedPart Read(byte[] packed)
    {
        // A promise's or a follow-up's, of which there are most: without a reader.
        if (packed[0] == 0 && packed[1] < 128)
            return new(EvidenceSummary.Read(packed.AsSpan(2)), null);
        using var stream = new MemoryStream(packed);
        using var from = new BinaryReader(stream);
        int kind = from.ReadByte();
        var evidence = EvidenceSummary.Read(from.ReadBytes(from.Read7BitEncodedInt() * EvidenceSummary.Bytes));
        return new(evidence, kind switch
        {
            0 => null,
            1 => ReadConcern(from),
            2 => ReadFeedback(from),
            3 => ReadPurchase(from),
            4 => ReadRelationship(from),
            _ => throw new UnreachableException($"No part of a relationship is packed as {kind}."),
        });
    }

    private static void Write(BinaryWriter to, Concern concern)
    {
        to.Write(concern.ConcernId);
        to.Write((byte)concern.Severity);
        WriteAll(to, concern.Topics, to.Write);
        Write(to, concern.MemberId);
        to.Write(concern.Team ?? "");
        Write(to, concern.RaisedAt);
        Write(to, concern.RespondBy);
        to.Write((byte)concern.Status);
        Write(to, concern.AcknowledgedAt);
        Write(to, concern.FirstAnsweredAt);
        to.Write(concern.FirstAnsweredInTime);
        WriteAll(to, concern.Resolutions, r =>
        {
            Write(to, r.At);
            Write(to, r.ReopenedAt);
        });
        to.Write(concern.FoundUnanswered);
    }

    private static Concern ReadConcern(BinaryReader from) => new()
    {
        ConcernId = from.ReadString(),
        Severity = (ConcernSeverity)from.ReadByte(),
        Topics = ReadAll(from, from.ReadString),
        MemberId = ReadId(from),
        Team = ReadText(from),
        RaisedAt = ReadTime(from)!.Value,
        RespondBy = ReadTime(from)!.Value,
        Status = (ConcernStatus)from.ReadByte(),
        AcknowledgedAt = ReadTime(from),
        FirstAnsweredAt = ReadTime(from),
        FirstAnsweredInTime = from.ReadBoolean(),
        Resolutions = ReadAll(from, () => new Resolution(ReadTime(from)!.Value, ReadTime(from))),
        FoundUnanswered = from.ReadBoolean(),
    };

    private static void Write(BinaryWriter to, CustomerFeedback feedback)
    {
        to.Write(feedback.FeedbackId);
        to.Write((byte)feedback.Kind);
        WriteAll(to, feedback.Topics, to.Write);
        Write(to, feedback.MemberId);
        to.Write(feedback.Team ?? "");
        Write(to, feedback.RequestedAt);
        Write(to, feedback.ReceivedAt);
        to.Write((sbyte)(feedback.Score ?? -1));
        Write(to, feedback.ActedUponAt);
        Write(to, feedback.OutcomeToldAt);
        to.Write(feedback.FoundUnanswered);
    }

    private static CustomerFeedback ReadFeedback(BinaryReader from) => new()
    {
        FeedbackId = from.ReadString(),
        Kind = (FeedbackKind)from.ReadByte(),
        Topics = ReadAll(from, from.ReadString),
        MemberId = ReadId(from),
        Team = ReadText(from),
        RequestedAt = ReadTime(from),
        ReceivedAt = ReadTime(from),
        Score = from.ReadSByte() is >= 0 and var score ? score : null,
        ActedUponAt = ReadTime(from),
        OutcomeToldAt = ReadTime(from),
        FoundUnanswered = from.ReadBoolean(),
    };

    private static void Write(BinaryWriter to, Purchase purchase)
    {
        to.Write(purchase.PurchaseId);
        Write(to, purchase.BoughtAt);
        to.Write(purchase.AmountMinor);
        to.Write(purchase.Currency);
        to.Write(purchase.MarginMinor is not null);
        to.Write(purchase.MarginMinor ?? 0);
        WriteAll(to, purchase.Returns, r =>
        {
            Write(to, r.At);
            to.Write(r.AmountMinor);
        });
        Write(to, purchase.FullyReturnedAt);
    }

    private static Purchase ReadPurchase(BinaryReader from) => new()
    {
        PurchaseId = from.ReadString(),
        BoughtAt = ReadTime(from)!.Value,
        AmountMinor = from.ReadInt64(),
        Currency = string.Intern(from.ReadString()),
        MarginMinor = (from.ReadBoolean(), from.ReadInt64()) is (true, var margin) ? margin : null,
        Returns = ReadAll(from, () => new PurchaseReturn(ReadTime(from)!.Value, from.ReadInt64())),
        FullyReturnedAt = ReadTime(from),
    };

    private static void Write(BinaryWriter to, Relationship relationship)
    {
        Write(to, relationship.RegisteredAt);
        to.Write(relationship.Segment ?? "");
        WriteAll(to, relationship.Endings, e =>
        {
            Write(to, e.At);
            to.Write((byte)e.Reason);
            Write(to, e.RenewedAt);
        });
        Write(to, relationship.MergedInto);
        to.Write(relationship.Erased);
    }

    private static Relationship ReadRelationship(BinaryReader from) => new()
    {
        RegisteredAt = ReadTime(from),
        Segment = ReadText(from),
        Endings = ReadAll(from, () => new Ending(
            ReadTime(from)!.Value, (EndReason)from.ReadByte(), ReadTime(from))),
        MergedInto = ReadId(from),
        Erased = from.ReadBoolean(),
    };

    private static void Write(BinaryWriter to, DateTimeOffset? time) => to.Write(time?.UtcTicks ?? NoTime);

    private static DateTimeOffset? ReadTime(BinaryReader from) =>
        from.ReadInt64() is var ticks and not NoTime ? new(ticks, TimeSpan.Zero) : null;

    private static void Write(BinaryWriter to, Guid? id) => to.Write((id ?? Guid.Empty).ToByteArray(bigEndian: true));

    private static Guid? ReadId(BinaryReader from)
    {
        var id = new Guid(from.ReadBytes(16), bigEndian: true);
        return id == Guid.Empty ? null : id;
    }

    private static string? ReadText(BinaryReader from) => from.ReadString() is { Length: > 0 } text ? text : null;

    private static void WriteAll<T>(BinaryWriter to, Sequence<T> items, Action<T> write)
    {
        to.Write7BitEncodedInt(items.Count);
        foreach (var item in items)
            write(item);
    }

    private static Sequence<T> ReadAll<T>(BinaryReader from, Func<T> read)
    {
        var items = new T[from.Read7BitEncodedInt()];
        for (int i = 0; i < items.Length; i++)
            items[i] = read();
        return [.. items];
    }
}
