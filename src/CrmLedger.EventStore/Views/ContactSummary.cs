using System.Buffers.Binary;
using System.Text;
using CrmLedger.Touchpoints;

namespace CrmLedger.EventStore.Views;

/// <summary>
/// What is counted of a customer's contact with us, packed, as <see cref="PromiseSummary" /> does it for promises.
/// </summary>
/// <remarks>
/// Little-endian, after a byte that says what it is. 1, a touchpoint: its time (64 bits, 100 ns since year 1), its
/// position (64 bits), its length (32 bits, seconds, -1 for unknown), practices, CSAT scores and those of 4 or 5 (16
/// bits each), channel, direction, tone (a byte each, 255 for none). 2, a relationship: when it was registered (64
/// bits, the lowest number for unknown), flags (a byte; 1: ended, 2: erased, 4: merged, 8: in a segment), what it was
/// merged into (16 bytes, big-endian), the rest is the segment in UTF-8. Nothing where only feedback names a
/// touchpoint. A change of it is a new version of the view.
/// </remarks>
public static class ContactSummary
{
    private const byte IsTouchpoint = 1;
    private const byte IsRelationship = 2;
    private const int TouchpointBytes = 30;
    private const int SegmentAt = 26;
    private const byte None = 255;
    private const long NoTime = long.MinValue;

    /// <summary>Packs.</summary>
    public static byte[] Write(CustomerContact row) =>
        row.Relationship is { } relationship ? Write(CountedRelationship.Of(relationship))
        : CountedTouchpoint.Of(row) is { } touchpoint ? Write(touchpoint)
        : [];

    /// <summary>The touchpoint, or null when it is none.</summary>
    public static CountedTouchpoint? Touchpoint(ReadOnlySpan<byte> packed) => packed is not [IsTouchpoint, ..]
        ? null
        : new(BinaryPrimitives.ReadInt64LittleEndian(packed[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(packed[9..]),
            BinaryPrimitives.ReadInt32LittleEndian(packed[17..]),
            BinaryPrimitives.ReadUInt16LittleEndian(packed[21..]),
            BinaryPrimitives.ReadUInt16LittleEndian(packed[23..]),
            BinaryPrimitives.ReadUInt16LittleEndian(packed[25..]), (Channel)packed[27], (Direction)packed[28],
            packed[29] == None ? null : (Tone)packed[29]);

    /// <summary>The relationship, or null when it is none.</summary>
    public static CountedRelationship? Relationship(ReadOnlySpan<byte> packed)
    {
        if (packed is not [IsRelationship, ..])
            return null;
        long registered = BinaryPrimitives.ReadInt64LittleEndian(packed[1..]);
        byte flags = packed[9];
        return new(registered == NoTime ? null : new(registered, TimeSpan.Zero),
            (flags & 8) != 0 ? Encoding.UTF8.GetString(packed[SegmentAt..]) : null, (flags & 1) != 0,
            (flags & 2) != 0, (flags & 4) != 0 ? new Guid(packed.Slice(10, 16), bigEndian: true) : null);
    }

    private static byte[] Write(in CountedTouchpoint touchpoint)
    {
        byte[] packed = new byte[TouchpointBytes];
        packed[0] = IsTouchpoint;
        BinaryPrimitives.WriteInt64LittleEndian(packed.AsSpan(1), touchpoint.AtTicks);
        BinaryPrimitives.WriteInt64LittleEndian(packed.AsSpan(9), touchpoint.Position);
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(17), touchpoint.Seconds);
        BinaryPrimitives.WriteUInt16LittleEndian(packed.AsSpan(21), touchpoint.Practices);
        BinaryPrimitives.WriteUInt16LittleEndian(packed.AsSpan(23), touchpoint.Csat);
        BinaryPrimitives.WriteUInt16LittleEndian(packed.AsSpan(25), touchpoint.Satisfied);
        packed[27] = (byte)touchpoint.Channel;
        packed[28] = (byte)touchpoint.Direction;
        packed[29] = touchpoint.Tone is { } tone ? (byte)tone : None;
        return packed;
    }

    private static byte[] Write(CountedRelationship relationship)
    {
        byte[] packed = new byte[SegmentAt + Encoding.UTF8.GetByteCount(relationship.Segment ?? "")];
        packed[0] = IsRelationship;
        BinaryPrimitives.WriteInt64LittleEndian(packed.AsSpan(1), relationship.RegisteredAt?.UtcTicks ?? NoTime);
        packed[9] = (byte)((relationship.Ended ? 1 : 0) | (relationship.Erased ? 2 : 0)
            | (relationship.MergedInto is null ? 0 : 4) | (relationship.Segment is null ? 0 : 8));
        (relationship.MergedInto ?? Guid.Empty).TryWriteBytes(packed.AsSpan(10), bigEndian: true, out _);
        Encoding.UTF8.GetBytes(relationship.Segment ?? "", packed.AsSpan(SegmentAt));
        return packed;
    }
}
