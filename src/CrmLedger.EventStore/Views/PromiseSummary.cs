using System.Buffers.Binary;
using System.Text;
using CrmLedger.Commitments;
using CrmLedger.Promises;
using CrmLedger.Touchpoints;

namespace CrmLedger.EventStore.Views;

/// <summary>
/// What is counted of a promise, packed: about 50 bytes instead of 700 of JSON, and read 50 times as fast.
/// </summary>
/// <remarks>
/// Little-endian: first and binding due and the time from first due to kept (three 64-bit numbers of 100 ns, the dates
/// since year 1, the last one the lowest number when there is none); settled class, cause of a miss, channel (a byte
/// each, 255 for none); flags (1: imported, 2: recorded late); renegotiations (16 bits, 65,535 for more); the maker
/// (16 bytes, big-endian); the length of the maker's team in UTF-8 (16 bits), the team; the rest is the kind in UTF-8.
/// A change of it is a new version of the view.
/// </remarks>
public static class PromiseSummary
{
    private const int TeamAt = 48;
    private const byte None = 255;
    private const long NoTime = long.MinValue;

    /// <summary>Packs.</summary>
    public static byte[] Write(CountedPromise promise)
    {
        var counted = promise.Counted;
        int teamLength = Encoding.UTF8.GetByteCount(promise.MakerTeam);
        byte[] packed = new byte[TeamAt + teamLength + Encoding.UTF8.GetByteCount(promise.Kind)];
        BinaryPrimitives.WriteInt64LittleEndian(packed, counted.FirstDue.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(packed.AsSpan(8), counted.BindingDue.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(packed.AsSpan(16), counted.AfterFirstDue?.Ticks ?? NoTime);
        packed[24] = counted.Settled is { } settled ? (byte)settled : None;
        packed[25] = counted.MissCause is { } cause ? (byte)cause : None;
        packed[26] = promise.Channel is { } channel ? (byte)channel : None;
        packed[27] = (byte)((counted.Imported ? 1 : 0) | (counted.RecordedLate ? 2 : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(
            packed.AsSpan(28), (ushort)Math.Min(counted.Renegotiations, ushort.MaxValue));
        promise.MakerId.TryWriteBytes(packed.AsSpan(30), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16LittleEndian(packed.AsSpan(46), checked((ushort)teamLength));
        Encoding.UTF8.GetBytes(promise.MakerTeam, packed.AsSpan(TeamAt));
        Encoding.UTF8.GetBytes(promise.Kind, packed.AsSpan(TeamAt + teamLength));
        return packed;
    }

    /// <summary>What is counted.</summary>
    public static CountedCommitment Counted(ReadOnlySpan<byte> packed)
    {
        long afterFirstDue = BinaryPrimitives.ReadInt64LittleEndian(packed[16..]);
        return new(
            packed[24] == None ? null : (KeptClass)packed[24], TimeAt(packed), TimeAt(packed[8..]),
            afterFirstDue == NoTime ? null : new TimeSpan(afterFirstDue),
            packed[25] == None ? null : (MissCause)packed[25])
        {
            Renegotiations = BinaryPrimitives.ReadUInt16LittleEndian(packed[28..]),
            Imported = (packed[27] & 1) != 0,
            RecordedLate = (packed[27] & 2) != 0,
        };
    }

    /// <summary>Where it was said.</summary>
    public static Channel? ChannelOf(ReadOnlySpan<byte> packed) => packed[26] == None ? null : (Channel)packed[26];

    /// <summary>Who made it.</summary>
    public static Guid MakerId(ReadOnlySpan<byte> packed) => new(packed.Slice(30, 16), bigEndian: true);

    /// <summary>The maker's team, in UTF-8.</summary>
    public static ReadOnlySpan<byte> MakerTeam(ReadOnlySpan<byte> packed) =>
        packed.Slice(TeamAt, BinaryPrimitives.ReadUInt16LittleEndian(packed[46..]));

    /// <summary>The kind, in UTF-8.</summary>
    public static ReadOnlySpan<byte> Kind(ReadOnlySpan<byte> packed) =>
        packed[(TeamAt + BinaryPrimitives.ReadUInt16LittleEndian(packed[46..]))..];

    private static DateTimeOffset TimeAt(ReadOnlySpan<byte> packed) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(packed), TimeSpan.Zero);
}
