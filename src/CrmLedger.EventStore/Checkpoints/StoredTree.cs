using CrmLedger.EventStore.Reading;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Checkpoints;

/// <summary>Computes roots and proofs out of the stored tiles of a tenant's log.</summary>
public sealed class StoredTree(EventReader reader)
{
    /// <summary>Reads the tiles that a computation needs, and computes.</summary>
    /// <typeparam name="T">What is computed.</typeparam>
    /// <param name="tenant">The tenant.</param>
    /// <param name="compute">
    /// Given a reader of tiles; called twice, and asks for the same tiles each time: which ones it needs depends on
    /// sizes alone, so that the first time, over blank tiles, tells.
    /// </param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="InvalidDataException">A tile is missing, or has fewer hashes than it must.</exception>
    public async Task<T> ComputeAsync<T>(
        string tenant, Func<Func<int, long, byte[]>, T> compute, CancellationToken cancel)
    {
        var tiles = new Dictionary<(int, long), byte[]>();
        foreach (var (level, index) in TileTree.Needed(compute))
        {
            // A partial tile read after the head may hold more hashes than its size; a proof takes what it needs.
            tiles[(level, index)] = await reader.FindTileAsync(tenant, level, index, cancel)
                ?? throw new InvalidDataException($"Tile {level}/{index} of tenant '{tenant}' is missing.");
        }
        try
        {
            return compute((level, index) => tiles[(level, index)]);
        }
        catch (ArgumentException shortTile)
        {
            throw new InvalidDataException($"The tiles of tenant '{tenant}': {shortTile.Message}", shortTile);
        }
    }
}
