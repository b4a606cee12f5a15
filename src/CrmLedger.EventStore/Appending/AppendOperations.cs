using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;
using Weasel.Core;
using Weasel.Storage;

namespace CrmLedger.EventStore.Appending;

/// <summary>
/// A statement of the ledger's own within a Marten session's transaction. Marten runs what concerns
/// <see cref="JasperFx.Events.IEvent" /> before all else, in the order queued.
/// </summary>
/// <param name="text">From <see cref="Text" />.</param>
/// <param name="parameters">Their values, with their types.</param>
/// <param name="concerns">What it writes.</param>
internal partial class LedgerOperation(string[] text, NpgsqlParameter[] parameters, Type concerns)
    : Marten.Internal.Operations.IStorageOperation
{
    /// <summary>A statement's text around its parameters.</summary>
    /// <param name="sql">It names each parameter once, in order: <c>$1</c>, <c>$2</c>, …</param>
    public static string[] Text(string sql) => Placeholder().Split(sql);

    /// <inheritdoc />
    public Type DocumentType => concerns;

    /// <inheritdoc />
    public OperationRole Role() => OperationRole.Other;

    /// <inheritdoc />
    public void ConfigureCommand(Weasel.Postgresql.ICommandBuilder builder, IStorageSession session)
    {
        builder.Append(text[0]);
        for (int i = 0; i < parameters.Length; i++)
        {
            builder.AppendParameter(parameters[i].Value!, parameters[i].NpgsqlDbType);
            builder.Append(text[i + 1]);
        }
    }

    /// <inheritdoc />
    public virtual Task PostprocessAsync(
        DbDataReader reader, IList<Exception> exceptions, CancellationToken token) => Task.CompletedTask;

    [GeneratedRegex(@"\$[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Placeholder();
}

/// <summary>A statement that answers with no rows.</summary>
/// <inheritdoc />
internal sealed class LedgerWrite(string[] text, NpgsqlParameter[] parameters)
    : LedgerOperation(text, parameters, typeof(LedgerWrite)), NoDataReturnedCall;

/// <summary>
/// Swaps the head and writes events, streams and tiles, all before anything else of the transaction.
/// </summary>
/// <inheritdoc />
internal sealed class AppendBatch(string[] text, NpgsqlParameter[] parameters)
    : LedgerOperation(text, parameters, typeof(JasperFx.Events.IEvent))
{
    /// <inheritdoc />
    public override Task PostprocessAsync(
        DbDataReader reader, IList<Exception> exceptions, CancellationToken token) => reader.ReadAsync(token);
}
