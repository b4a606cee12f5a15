using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace CrmLedger.Postgres;

/// <summary>The database and its login roles, made or mended at every start.</summary>
internal static class ClusterRoles
{
    public const string Database = "crmledger";
    public const string Owner = "ledger_owner";
    public const string Server = "ledger_server";
    public const string Loader = "ledger_loader";

    /// <param name="adminConnectionString">The superuser's.</param>
    /// <param name="secrets">The passwords that the roles shall have.</param>
    /// <param name="cancel">Stops between two statements; the next start goes on.</param>
    /// <returns>The server's version.</returns>
    public static async Task<Version> PrepareAsync(
        string adminConnectionString, PostgresSecrets secrets, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(adminConnectionString);
        await connection.OpenAsync(cancel);
        await using (var passwords = new NpgsqlCommand("""
            select set_config('ledger_roles.ledger_owner', $1, false),
                   set_config('ledger_roles.ledger_server', $2, false),
                   set_config('ledger_roles.ledger_loader', $3, false)
            """, connection))
        {
            passwords.Parameters.Add(new NpgsqlParameter { Value = secrets.OwnerPassword });
            passwords.Parameters.Add(new NpgsqlParameter { Value = secrets.ServerPassword });
            passwords.Parameters.Add(new NpgsqlParameter { Value = secrets.LoaderPassword });
            await passwords.ExecuteNonQueryAsync(cancel);
        }
        await ExecuteAsync(connection, ReadScript("ClusterRoles.sql"), cancel);
        if (!await DatabaseExistsAsync(connection, cancel))
            await ExecuteAsync(connection, "create database crmledger owner ledger_owner", cancel);
        await ExecuteAsync(connection, """
            alter database crmledger owner to ledger_owner;
            revoke all on database crmledger from public;
            grant connect, temporary on database crmledger to ledger_server, ledger_loader;
            """, cancel);
        return connection.PostgreSqlVersion;
    }

    private static async Task<bool> DatabaseExistsAsync(
        NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "select exists (select from pg_catalog.pg_database where datname = 'crmledger')", connection);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    [SuppressMessage("Security", "CA2100", Justification = "The texts are this file's and its script's own.")]
    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static string ReadScript(string name)
    {
        using Stream stream = typeof(ClusterRoles).Assembly.GetManifestResourceStream(typeof(ClusterRoles), name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded beside {nameof(ClusterRoles)}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
