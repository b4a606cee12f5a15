namespace CrmLedger.Transparency;

/// <summary>A tile that will never change again.</summary>
/// <param name="Level">0 for leaf hashes; level L holds one hash for each full tile of level L−1.</param>
/// <param name="Index">The tile's place in its level, from 0.</param>
/// <param name="Hashes">256 hashes of 32 bytes, 8192 bytes. Not copied: do not write to it.</param>
/// <remarks>C2SP tlog-tiles.</remarks>
public sealed record FullTile(int Level, long Index, byte[] Hashes);

/// <summary>The last tile of a level while it is not full.</summary>
/// <param name="Level">0 for leaf hashes; level L holds one hash for each full tile of level L−1.</param>
/// <param name="Index">The tile's place in its level, from 0: as many full tiles stand before it.</param>
/// <param name="Hashes">From 0 to 255 hashes of 32 bytes. Not copied: do not write to it.</param>
/// <remarks>C2SP tlog-tiles, "partial tile"; with no hashes it is not a tile to be served.</remarks>
public sealed record TileEdge(int Level, long Index, byte[] Hashes);

/// <summary>What an append adds to the stored tree.</summary>
/// <param name="Edge">The edge after the append.</param>
/// <param name="FullTiles">Tiles that became full, each level's in ascending index; to be inserted.</param>
/// <param name="ChangedEdges">
/// Each touched level's partial tile, lowest level first, also when it is now empty; to be put in the place of the
/// level's former one.
/// </param>
/// <param name="Root">The root after the append, 32 bytes.</param>
public sealed record TreeGrowth(
    TreeEdge Edge, IReadOnlyList<FullTile> FullTiles, IReadOnlyList<TileEdge> ChangedEdges, byte[] Root);
