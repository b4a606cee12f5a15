using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Problems;
using CrmLedger.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Log;

/// <summary>
/// The log as the world sees it (C2SP tlog-tiles): checkpoints, tiles of hashes, bundles of entries, and the keys that
/// sign. Whoever wants to watch a log needs no key for it; hashes tell how much was recorded, and nothing of what: an
/// entry, too, is the hash of an event's canonical form.
/// </summary>
public static class LogEndpoints
{
    /// <summary>What notes and receipts are sent as.</summary>
    public const string ProofType = "text/plain";

    private const string Text = "text/plain; charset=utf-8";
    private const int HashBytes = MerkleTree.HashLength;

    /// <summary>Maps them.</summary>
    public static void MapLog(this IEndpointRouteBuilder app)
    {
        var log = app.MapGroup("/log/{tenant}").ExcludeFromDescription();
        log.MapGet("/checkpoint", CheckpointAsync);
        log.MapGet("/key", KeyAsync);
        log.MapGet("/tile/{level:int:range(0,63)}/{**path}", TileAsync);
        log.MapGet("/tile/entries/{**path}", EntriesAsync);
    }

    /// <summary>The last checkpoint, signed at most half a second ago.</summary>
    private static async Task<IResult> CheckpointAsync(
        HttpContext http, string tenant, TenantDirectory tenants, CheckpointSigner signer, CancellationToken cancel)
    {
        if (await FindAsync(tenants, tenant, cancel) is not { } keys)
            return NoLog(tenant);
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes((await signer.SignAsync(keys, cancel)).ToUtf8(), Text);
    }

    /// <summary>The keys that sign, or have signed, one a line, the one that signs now last.</summary>
    private static async Task<IResult> KeyAsync(
        HttpContext http, string tenant, TenantDirectory tenants, LogKeys logKeys, CancellationToken cancel)
    {
        if (await FindAsync(tenants, tenant, cancel) is not { } keys)
            return NoLog(tenant);
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Text(string.Concat(
            (await logKeys.ReadOrMakeAsync(keys, cancel)).Select(k => $"{k.Signer.Verifier}\n")), Text, Encoding.UTF8);
    }

    /// <summary>
    /// A tile: 256 hashes, or with <c>.p/W</c> at the end of its path the first W of them. Either never changes.
    /// </summary>
    private static async Task<IResult> TileAsync(
        HttpContext http, string tenant, int level, string path, TenantDirectory tenants, EventReader reader,
        CancellationToken cancel)
    {
        if (!TenantDirectory.IsName(tenant) || IndexOf(path) is not var (index, width)
            || await FindAsync(tenants, tenant, cancel) is null
            || await reader.FindTileAsync(tenant, level, index, cancel) is not { } hashes
            || hashes.Length < width * HashBytes)
        {
            return NoTile(tenant, $"{level}/{path}");
        }
        return Unchanging(http, hashes.AsMemory(0, width * HashBytes));
    }

    /// <summary>
    /// The entries under a tile of leaves, each with its length before it as a big-endian number of 16 bits. They are
    /// hashed from the stored events anew: an event that was altered no longer hashes to its leaf in the tile.
    /// </summary>
    private static async Task<IResult> EntriesAsync(
        HttpContext http, string tenant, string path, TenantDirectory tenants, EventReader reader,
        CheckpointSigner signer, CancellationToken cancel)
    {
        if (IndexOf(path) is not var (index, width) || await FindAsync(tenants, tenant, cancel) is not { } keys
            || index > long.MaxValue / TreeEdge.TileWidth - 1)
        {
            return NoTile(tenant, $"entries/{path}");
        }
        long first = index * TreeEdge.TileWidth;
        if (first + width > (await signer.SignAsync(keys, cancel)).Checkpoint.Size)
            return NoTile(tenant, $"entries/{path}");
        var stored = await reader.ReadLogAsync(tenant, first - 1, width, cancel);
        if (stored.Count < width || stored[^1].Position != first + width - 1)
            return NoTile(tenant, $"entries/{path}"); // events were removed, which the tile of leaves shows
        byte[] bundle = new byte[width * (sizeof(ushort) + HashBytes)];
        for (int i = 0; i < width; i++)
        {
            var place = bundle.AsSpan(i * (sizeof(ushort) + HashBytes));
            BinaryPrimitives.WriteUInt16BigEndian(place, HashBytes);
            stored[i].ToEntry(tenant).EntryHash().CopyTo(place[sizeof(ushort)..]);
        }
        return Unchanging(http, bundle);
    }

    private static IResult Unchanging(HttpContext http, ReadOnlyMemory<byte> content)
    {
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(content, "application/octet-stream");
    }

    /// <summary>
    /// What a tile's path says: its index in groups of three digits, all but the last one with an x before it, and
    /// perhaps its width; null when it is none.
    /// </summary>
    internal static (long Index, int Width)? IndexOf(string path)
    {
        int width = TreeEdge.TileWidth;
        int partial = path.IndexOf(".p/", StringComparison.Ordinal);
        if (partial >= 0)
        {
            string text = path[(partial + 3)..];
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out width)
                || width is < 1 or >= TreeEdge.TileWidth || text[0] == '0')
            {
                return null;
            }
            path = path[..partial];
        }
        string[] groups = path.Split('/');
        long index = 0;
        for (int i = 0; i < groups.Length; i++)
        {
            string digits = i < groups.Length - 1 && groups[i].StartsWith('x') ? groups[i][1..] : groups[i];
            if (digits.Length != 3 || (digits.Length == groups[i].Length) != (i == groups.Length - 1)
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int group)
                || i == 0 && group == 0 && groups.Length > 1 || index > long.MaxValue / 1_000 - 1)
            {
                return null;
            }
            index = index * 1_000 + group;
        }
        return (index, width);
    }

    private static async Task<EventStore.Privacy.TenantKeys?> FindAsync(
        TenantDirectory tenants, string tenant, CancellationToken cancel) =>
        TenantDirectory.IsName(tenant) ? await tenants.FindAsync(tenant, cancel) : null;

    private static IResult NoTile(string tenant, string path) => LedgerProblems.Result(new(ProblemCodes.NotFound,
        $"The log '{tenant}' has no tile {path}; its last checkpoint tells how large it is."));

    private static IResult NoLog(string tenant) =>
        LedgerProblems.Result(new(ProblemCodes.NotFound, $"There is no log '{tenant}'."));
}
