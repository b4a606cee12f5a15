using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmLedger.Cli.Import;

/// <summary>The file that is brought in.</summary>
/// <param name="Source">What sort of file.</param>
/// <param name="FileName">Its name, without folders.</param>
/// <param name="Sha256">The hash of its bytes, lower-case hexadecimal.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record ImportFile(string Source, string FileName, string Sha256, long Rows);

/// <summary>How an import ended.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Appended">Events that are new in the ledger.</param>
/// <param name="Duplicates">Events that were there already.</param>
/// <param name="Rejected">Lines that were not taken, by us or by the server.</param>
/// <param name="LastPosition">The last position that the server told, or null.</param>
/// <param name="Completed">Whether the whole file is in, so that there is nothing left to do.</param>
/// <param name="InViews">Whether every view reflects it by now.</param>
/// <param name="ImportedBefore">When it had been completed before, or null.</param>
internal sealed record ImportOutcome(
    Guid ImportId, long Rows, long Appended, long Duplicates, long Rejected, long? LastPosition, bool Completed,
    bool InViews, DateTimeOffset? ImportedBefore = null)
{
    public long Events => Appended + Duplicates;
}

/// <summary>
/// Brings one file in: declares it, sends its events, and completes it when nothing was rejected. Sending is in two
/// lanes with one request each under way; a stream always takes the same lane, so that its events arrive in order.
/// Memory is bounded by four batches. Stopped at any point, the same run again goes on: events are known by their ids.
/// </summary>
/// <param name="ledger">The server.</param>
/// <param name="rejected">Takes every line that is not taken.</param>
/// <param name="progress">Told after every answer how many rows of the file are done.</param>
internal sealed class ImportRun(
    LedgerClient ledger, Action<long, LineRejection, string> rejected, Action<long> progress)
{
    // Well below the server's 5,000 lines and 8 MB, so that an answer is never long in coming.
    private const int LinesPerBatch = 2000;
    private const int BytesPerBatch = 4 << 20;
    private const int Lanes = 2;
    private const int MostAttempts = 6;
    private const int LooksAtViews = 600;
    private static readonly TimeSpan s_pauseBetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly Lock _counting = new();
    private long _appended, _duplicates, _rejected, _done;
    private long? _lastPosition;

    /// <summary>Whether the server knows of the import, so that running it again goes on.</summary>
    public bool Started { get; private set; }

    /// <summary>How far it came.</summary>
    public string Said
    {
        get
        {
            lock (_counting)
            {
                return $"So far {Sentences.Count(_appended)} events were added and {Sentences.Count(_duplicates)} "
                    + "were there already.";
            }
        }
    }

    /// <param name="file">The file.</param>
    /// <param name="lines">Its lines, given the import's id, in the order in which they are to be sent.</param>
    /// <param name="ct">Stops the run; the same run again goes on.</param>
    public async Task<ImportOutcome> RunAsync(
        ImportFile file, Func<Guid, IAsyncEnumerable<ImportLine>> lines, CancellationToken ct)
    {
        var declared = await DeclareAsync(file, ct);
        var importId = Guid.Parse(declared.Text("importId")!);
        Started = true;
        if (declared.Flag("completed"))
        {
            return new(importId, declared.Whole("rows") ?? file.Rows, 0, declared.Whole("events") ?? 0, 0, null,
                Completed: true, await AreViewsCurrentAsync(ct),
                declared.Time("completedAt") ?? DateTimeOffset.MinValue);
        }
        await SendAsync(lines(importId), ct);
        bool whole = _rejected == 0;
        if (whole)
            await CompleteAsync(importId, file.Rows, ct);
        bool inViews = await AreViewsCurrentAsync(ct);
        return new(importId, file.Rows, _appended, _duplicates, _rejected, _lastPosition, whole, inViews);
    }

    private Task<JsonElement> DeclareAsync(ImportFile file, CancellationToken ct)
    {
        var body = new JsonObject
        {
            ["source"] = file.Source,
            ["fileName"] = file.FileName,
            ["sha256"] = file.Sha256,
        };
        return ledger.PostAsync("v1/imports", body.ToJsonString(LedgerJson.Options), "importId", TimeSpan.Zero, ct);
    }

    private async Task CompleteAsync(Guid importId, long rows, CancellationToken ct)
    {
        var body = new JsonObject { ["rows"] = rows, ["events"] = _appended + _duplicates };
        try
        {
            await ledger.PostAsync(
                $"v1/imports/{importId}/complete", body.ToJsonString(), member: null, LedgerClient.ImportPatience, ct);
        }
        catch (ServerRefusal done) when (done.Code == "import_completed")
        {
            // An attempt whose answer was lost got through, or somebody else imported the same file beside us.
        }
    }

    /// <summary>
    /// Waits until the views reflect the log as it is now, for whoever asks for a number right after an import wants
    /// the import in it. The import itself is over: nothing that goes wrong here makes it fail.
    /// </summary>
    /// <returns>Whether they do; false when that takes too long or cannot be found out.</returns>
    private async Task<bool> AreViewsCurrentAsync(CancellationToken ct)
    {
        try
        {
            long? head = null;
            for (int look = 0; look < LooksAtViews; look++)
            {
                var status = await ledger.GetAsync("v1/status", "views", ct);
                head ??= Math.Max(_lastPosition ?? -1, (status.Member("head")?.Whole("size") ?? 0) - 1);
                if (status.Items("views").All(v => v.Whole("position") >= head))
                    return true;
                await ledger.PauseAsync(s_pauseBetweenLooks, ct);
            }
        }
        catch (Exception unknown) when (unknown is CliFailure or OperationCanceledException)
        {
            return false;
        }
        return false;
    }

    private async Task SendAsync(IAsyncEnumerable<ImportLine> lines, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var lanes = Enumerable.Range(0, Lanes).Select(_ => new Lane(this, stop.Token)).ToArray();
        var alone = new Lane(this, stop.Token);
        var met = Naming.None;
        try
        {
            await foreach (var line in lines.WithCancellation(stop.Token))
            {
                if (line.Rejected is { } reason)
                {
                    RejectUnsent(line, reason);
                    continue;
                }
                var stream = StreamName.Of(line.Subject);
                bool changes = met != Naming.None && !met.HasFlag(stream.Naming);
                met |= stream.Naming;
                if (line.Alone || changes)
                {
                    foreach (var lane in lanes)
                        await lane.EmptyAsync();
                }
                if (line.Alone)
                {
                    await alone.AddAsync(line);
                    continue;
                }
                await alone.EmptyAsync();
                await lanes[LaneOf(stream, met)].AddAsync(line);
            }
            await alone.EmptyAsync();
            await Task.WhenAll(lanes.Select(lane => lane.EmptyAsync()));
        }
        catch
        {
            // No lane goes on in the background once the run has failed.
            await stop.CancelAsync();
            foreach (var lane in lanes)
                await lane.SettleAsync();
            await alone.SettleAsync();
            throw;
        }
    }

    /// <summary>
    /// FNV-1a: the same stream takes the same lane in every run. From where a file names streams by id as well as by
    /// reference, any two names may be one stream, and all take one lane.
    /// </summary>
    private static int LaneOf(StreamName stream, Naming met)
    {
        if (met == (Naming.ById | Naming.ByReference))
            return 0;
        uint hash = 2166136261;
        foreach (char c in stream.Text)
            hash = (hash ^ c) * 16777619;
        return (int)(hash % Lanes);
    }

    private void RejectUnsent(ImportLine line, LineRejection reason)
    {
        Reject(line, reason);
        lock (_counting)
            _done++;
    }

    private void Reject(ImportLine line, LineRejection reason)
    {
        lock (_counting)
        {
            _rejected++;
            rejected(line.Number, reason, line.Original ?? Encoding.UTF8.GetString(line.Utf8.Span));
        }
    }

    private async Task SendBatchAsync(List<ImportLine> batch, CancellationToken ct)
    {
        var body = new MemoryStream(batch.Sum(l => l.Utf8.Length + 1));
        foreach (var sent in batch)
        {
            body.Write(sent.Utf8.Span);
            body.WriteByte((byte)'\n');
        }
        var (answer, appendedBefore) = await AppendAsync(body.GetBuffer().AsMemory(0, (int)body.Length), ct);
        long arrivedBefore = 0;
        foreach (var item in Rejections(answer))
        {
            var problem = item.Member("problem") ?? item;
            var line = batch[(int)item.Whole("index")!.Value];
            if (line.IsArrival && ProblemText.Code(problem) is ("customer_exists" or "member_exists"))
                arrivedBefore++;
            else
                Reject(line, new(ProblemText.Sentence(problem), ProblemText.Field(problem)));
        }
        lock (_counting)
        {
            _appended += appendedBefore + (answer.Whole("appended") ?? 0);
            _duplicates += (answer.Whole("duplicates") ?? 0) - appendedBefore + arrivedBefore;
            _done += batch.Count(l => l.EndsRow);
            _lastPosition = Math.Max(_lastPosition ?? -1, answer.Whole("lastPosition") ?? -1);
            progress(_done);
        }
    }

    /// <summary>
    /// Sends a batch until no line was turned away only for the moment. The whole of it is sent again, for later lines
    /// of a stream rest on earlier ones; what got in before is there then, and is not counted as found there.
    /// </summary>
    private async Task<(JsonElement Answer, long AppendedBefore)> AppendAsync(
        ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        long appendedBefore = 0;
        for (int attempt = 1; ; attempt++)
        {
            var answer = await ledger.AppendAsync(body, ct);
            bool passing = Rejections(answer).Any(i => i.Member("problem") is { } problem
                && (problem.Whole("status") is 429 or >= 500 || ProblemText.Code(problem) == "contended"));
            if (!passing || attempt == MostAttempts)
                return (answer, appendedBefore);
            appendedBefore += answer.Whole("appended") ?? 0;
            await ledger.PauseAsync(attempt, ct);
        }
    }

    private static IEnumerable<JsonElement> Rejections(JsonElement answer) =>
        answer.Items("items").Where(i => i.Text("status") == "rejected");

    /// <summary>Fills one batch while the one before it is under way.</summary>
    private sealed class Lane(ImportRun run, CancellationToken ct)
    {
        private List<ImportLine> _batch = [];
        private int _bytes;
        private Task _underWay = Task.CompletedTask;

        public async Task AddAsync(ImportLine line)
        {
            if (_bytes + line.Utf8.Length > BytesPerBatch)
                await SendAsync();
            _batch.Add(line);
            _bytes += line.Utf8.Length + 1;
            if (_batch.Count == LinesPerBatch)
                await SendAsync();
        }

        public async Task EmptyAsync()
        {
            await SendAsync();
            await _underWay;
        }

        /// <summary>Waits for the request under way, however it ends.</summary>
        public async Task SettleAsync() => await _underWay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        private async Task SendAsync()
        {
            await _underWay;
            if (_batch.Count == 0)
                return;
            _underWay = run.SendBatchAsync(_batch, ct);
            (_batch, _bytes) = ([], 0);
        }
    }
}
