using System.Text;
using Npgsql;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>A whole database as text, to search it.</summary>
internal static class DatabaseText
{
    /// <summary>What pg_dump would write: every row of every table, the system's own too.</summary>
    public static async Task<string> OfAsync(NpgsqlDataSource admin)
    {
        await using var list = admin.CreateCommand("""
            select format('select t::text from %I.%I t', schemaname, tablename) from pg_tables
            where tablename not in ('pg_statistic', 'pg_authid')
            """);
        var queries = new List<string>();
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                queries.Add(reader.GetString(0));
        }
        var text = new StringBuilder();
        foreach (string query in queries)
        {
            await using var command = admin.CreateCommand(query);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
                text.Append(rows.GetString(0)).Append('\n');
        }
        return text.ToString();
    }
}
