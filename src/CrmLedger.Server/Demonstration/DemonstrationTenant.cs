using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Imports;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;

namespace CrmLedger.Server.Demonstration;

/// <summary>Brings the demonstration year into a tenant's empty log, once, as a declared import.</summary>
public static class DemonstrationTenant
{
    /// <summary>How many lines are appended together.</summary>
    public const int ChunkLines = 2_000;

    private const string FilePrefix = "demonstration-";
    private const string DateFormat = "yyyy-MM-dd";

    /// <summary>
    /// Of a name, not of the lines: these move with the day of the first start, and a later start must find the import
    /// of an interrupted one. The day is kept in the import's file name. Another year would be "demonstration v2".
    /// </summary>
    private static readonly string s_sha256 = Convert.ToHexStringLower(SHA256.HashData("demonstration v1"u8));

    /// <summary>
    /// Seeds the tenant if its log is empty, and goes on with a seeding that was interrupted.
    /// </summary>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="handling">Declares and completes the import.</param>
    /// <param name="bulk">Appends the lines.</param>
    /// <param name="reader">Tells what is in the log already.</param>
    /// <param name="caller">In whose name it is recorded.</param>
    /// <param name="end">The end of the year, not after today (UTC); an interrupted seeding keeps its own.</param>
    /// <param name="cancel">Stops; the next start goes on.</param>
    /// <returns>Whether anything was seeded; false when the log held the year or other events before.</returns>
    /// <exception cref="InvalidOperationException">The ledger rejected something: a mistake of ours.</exception>
    public static async Task<bool> SeedAsync(
        TenantLedger ledger, CommandHandling handling, BulkAppend bulk, EventReader reader, Caller caller, DateOnly end,
        CancellationToken cancel)
    {
        var importId = ledger.Keys.ImportId(DemonstrationYear.Source, s_sha256);
        var import = await ReadAsync(ledger, reader, importId, cancel);
        if (import.Completed is not null)
            return false;
        if (import.Declared is null)
        {
            if ((await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size > 0)
                return false;
            var declaration = new DeclareImport(importId, DemonstrationYear.Source,
                FilePrefix + end.ToString(DateFormat, CultureInfo.InvariantCulture), s_sha256);
            await HandleAsync(ledger, handling, caller, importId, declaration, cancel);
            import = await ReadAsync(ledger, reader, importId, cancel);
        }
        var lines = DemonstrationYear.Lines(EndOf(import.Declared!), importId);
        foreach (string[] chunk in lines.Chunk(ChunkLines))
            await AppendAsync(ledger, bulk, caller, chunk, cancel);
        await HandleAsync(
            ledger, handling, caller, importId, new CompleteImport(importId, lines.Count, lines.Count), cancel);
        return true;
    }

    private static DateOnly EndOf(ImportDeclared declared) => DateOnly.TryParseExact(
        declared.FileName.Replace(FilePrefix, "", StringComparison.Ordinal), DateFormat, CultureInfo.InvariantCulture,
        DateTimeStyles.None, out var end)
            ? end
            : throw new InvalidOperationException(
                $"The demonstration's import is named '{declared.FileName}', which does not tell the end of its year.");

    private static async Task<Import> ReadAsync(
        TenantLedger ledger, EventReader reader, Guid importId, CancellationToken cancel)
    {
        var stream = await reader.ReadStreamAsync(ledger.Tenant, StreamKind.Import.StreamId(importId), new(), cancel);
        return Import.Fold(stream.ConvertAll(e => e.ToEnvelope()));
    }

    private static async Task AppendAsync(
        TenantLedger ledger, BulkAppend bulk, Caller caller, string[] lines, CancellationToken cancel)
    {
        CloudEventItem[] items =
            [.. lines.Select((line, i) => CloudEventItem.Read(i, Encoding.UTF8.GetBytes(line), ledger, caller))];
        var results = await bulk.RunAsync(ledger, items, atomic: false, cancel);
        if (results.FirstOrDefault(r => r.Problem is not null) is { } rejected)
        {
            throw new InvalidOperationException(
                $"The demonstration's line {lines[rejected.Index]} was rejected: {rejected.Problem!.Detail}");
        }
    }

    private static async Task HandleAsync(
        TenantLedger ledger, CommandHandling handling, Caller caller, Guid importId, IImportStreamCommand command,
        CancellationToken cancel)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(command, command.GetType(), LedgerJson.Options);
        var errors = new List<FieldError>();
        var draft = CommandDraft.Read(command.GetType(), JsonElement.Parse(body), new Dictionary<string, string>(),
            ledger.Keys, "", errors);
        var context = new CommandContext(caller, body);
        var problem = draft is null
            ? Problem.Invalid(errors)
            : (await handling.HandleAsync(ledger, new(StreamKind.Import, importId, draft, context), cancel)).Problem;
        if (problem is not null)
        {
            throw new InvalidOperationException(
                $"The demonstration's {command.GetType().Name} was rejected: {problem.Detail}");
        }
    }
}
