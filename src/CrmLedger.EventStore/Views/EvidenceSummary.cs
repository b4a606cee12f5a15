using System.Buffers.Binary;
using CrmLedger.Trust;

namespace CrmLedger.EventStore.Views;

/// <summary>
/// The evidence of a source, packed: for each piece its kind (a byte), from when it counts (64 bits, 100 ns since year
/// 1) and its position (64 bits), little-endian. A change of it is a new version of the view.
/// </summary>
public static class EvidenceSummary
{
    private const int Bytes = 17;

    /// <summary>Packs; empty when nothing speaks for or against us.</summary>
    public static byte[] Write(IReadOnlyList<Evidence> evidence)
    {
        byte[] packed = new byte[Bytes * evidence.Count];
        for (int i = 0; i < evidence.Count; i++)
        {
            var at = packed.AsSpan(Bytes * i);
            at[0] = (byte)evidence[i].Kind;
            BinaryPrimitives.WriteInt64LittleEndian(at[1..], evidence[i].At.UtcTicks);
            BinaryPrimitives.WriteInt64LittleEndian(at[9..], evidence[i].Position);
        }
        return packed;
    }

    /// <summary>What was packed.</summary>
    public static PackedEvidence[] Read(ReadOnlySpan<byte> packed)
    {
        if (packed.IsEmpty)
            return [];
        var evidence = new PackedEvidence[packed.Length / Bytes];
        for (int i = 0; i < evidence.Length; i++)
        {
            var at = packed[(Bytes * i)..];
            evidence[i] = new((EvidenceKind)at[0], BinaryPrimitives.ReadInt64LittleEndian(at[1..]),
                BinaryPrimitives.ReadInt64LittleEndian(at[9..]));
        }
        return evidence;
    }
}

/// <summary>A piece of evidence without the event that shows it.</summary>
/// <param name="Kind">What was seen.</param>
/// <param name="AtTicks">From when it counts, in ticks of UTC.</param>
/// <param name="Position">The position of the event that shows it.</param>
public readonly record struct PackedEvidence(EvidenceKind Kind, long AtTicks, long Position);
