using System.Security.Cryptography;
using System.Text;
using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

/// <summary>A log of many leaves with its key and two witnesses, all the same in every run.</summary>
internal sealed class SampleLog(string origin, int leafCount)
{
    public const long CosignedAt = 1_790_000_000;

    private readonly byte[][] _leaves =
        [.. Enumerable.Range(0, leafCount).Select(i => MerkleTree.HashLeaf(Encoding.UTF8.GetBytes($"{origin} {i}")))];

    private StoredTiles? _tiles;

    public SignerKey Key { get; } = Signer(origin, SignatureKind.Ed25519);

    public IReadOnlyList<SignerKey> Witnesses { get; } =
    [
        Signer("witness.example/w1", SignatureKind.Cosignature),
        Signer("witness.example/w2", SignatureKind.Cosignature),
    ];

    /// <summary>Trusts the log, and asks for both witnesses.</summary>
    public LogPolicy Policy => new(origin, [Key.Verifier], [.. Witnesses.Select(witness => witness.Verifier)], 2);

    private StoredTiles Tiles => _tiles ??= StoredTiles.Of(_leaves);

    public static SignerKey Signer(string name, SignatureKind kind)
    {
        return new SignerKey(name, kind, SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    public byte[] Leaf(long index) => _leaves[index];

    public Checkpoint Checkpoint(long size) => new(origin, size, TileTree.Root(size, Tiles.Tile));

    public SignedCheckpoint Signed(long size) => Cosigned(Checkpoint(size));

    public SignedCheckpoint Cosigned(Checkpoint checkpoint)
    {
        return Witnesses.Aggregate(
            SignedCheckpoint.Sign(checkpoint, Key),
            (signed, witness) => signed.With(witness.Cosign(checkpoint, CosignedAt)));
    }

    public IReadOnlyList<byte[]> Path(long index, long size) => TileTree.InclusionPath(index, size, Tiles.Tile);

    public IReadOnlyList<byte[]> Proof(long oldSize, long newSize)
    {
        return TileTree.ConsistencyProof(oldSize, newSize, Tiles.Tile);
    }

    public Receipt Receipt(long index, long size) => new(index, Path(index, size), Signed(size));
}
