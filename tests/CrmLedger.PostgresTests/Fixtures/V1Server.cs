using System.Net.Http.Headers;
using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Schema;

namespace CrmLedger.PostgresTests.Fixtures;

/// <summary>This version's server on a copy of the first store's data folder, at a moment that does not pass.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class V1Server : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    /// <summary>The server.</summary>
    public RunningLedger Ledger { get; } = new()
    {
        Master = V1DataFolder.Master,
        CheckpointFolder = V1DataFolder.CopyCheckpoints(),
        Clock = new StoppedClock(),
        WatchesDeadlines = false,
    };

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        var connections = await V1DataFolder.LoadAsync();
        await using (var database = new LedgerDatabase(connections))
            await Migration.RunAsync(database, CancellationToken.None, null, V1DataFolder.Copied);
        await Ledger.ServeAsync(connections);
        _http.BaseAddress = Ledger.Url;
    }

    /// <summary>Asks with one of the folder's keys, or with none.</summary>
    internal async Task<HttpResponseMessage> AskAsync(GoldenQuestion question)
    {
        using var request = new HttpRequestMessage(new(question.Method), question.Path);
        if (question.Key != "nobody")
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", V1DataFolder.Key(question.Key));
        return await _http.SendAsync(request);
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        _http.Dispose();
        await Ledger.DisposeAsync();
        Directory.Delete(Ledger.CheckpointFolder!, recursive: true);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => V1DataFolder.Afterwards;
    }
}
