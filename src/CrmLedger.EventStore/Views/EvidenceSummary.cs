using System.Buffers.Binary;
using CrmLedger.Trust;

namespace CrmLedger.EventStore.Views;

/// <summary>
/// Evidence, packed: for each piece its kind (a byte), from when it counts (64 bits, 100 ns since year 1) and its
/// position (64 bits), little-endian. A change of it is a new version of the view.
/// </summary>
public static class EvidenceSummary
{
    /// <summary>The length of a piece.</summary>
    internal const int Bytes = 17;

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
    public static CountedEvidence[] Read(ReadOnlySpan<byte> packed)
    {
        if (packed.IsEmpty)
            return [];
        var evidence = new CountedEvidence[packed.Length / Bytes];
        for (int i = 0; i < evidence.Length; i++)
        {
            var at = packed[(Bytes * i)..];
            evidence[i] = new((EvidenceKind)at[0], BinaryPrimitives.ReadInt64LittleEndian(at[1..]),
                BinaryPrimitives.ReadInt64LittleEndian(at[9..]));
        }
        return evidence;
    }
}
