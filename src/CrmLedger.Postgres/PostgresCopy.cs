using Npgsql;

namespace CrmLedger.Postgres;

/// <summary>A copy of a database in one file, as pg_dump makes it and pg_restore reads it.</summary>
public static class PostgresCopy
{
    /// <summary>
    /// Makes a copy and reads it again to its end. The file appears whole or not at all; one that is there already is
    /// replaced.
    /// </summary>
    /// <param name="connectionString">Of a user who may read everything.</param>
    /// <param name="role">The role to read it in.</param>
    /// <param name="file">Where. Its owner alone may read it.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="IOException">It could not be made; the message says why.</exception>
    public static async Task MakeAsync(
        string connectionString, string role, string file, CancellationToken cancel)
    {
        var named = new NpgsqlConnectionStringBuilder(connectionString);
        string unfinished = file + ".unfinished";
        UnixFiles.CreateFolder(Path.GetDirectoryName(file)!, UnixFiles.OwnerOnlyFolder);
        try
        {
            UnixFiles.Replace(unfinished, "", UnixFiles.OwnerOnlyFile); // what pg_dump writes is nobody else's to read
            var environment = new Dictionary<string, string> { ["PGPASSWORD"] = named.Password ?? "" };
            await RunAsync("pg_dump",
                [
                    "--format=custom", $"--role={role}", $"--host={named.Host}", $"--port={named.Port}",
                    $"--username={named.Username}", "--no-password", $"--dbname={named.Database}",
                    $"--file={unfinished}",
                ], environment, cancel);
            await CheckAsync(unfinished, cancel);
            File.Move(unfinished, file, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Reads a copy to its end.</summary>
    /// <exception cref="IOException">It is not there, is none, or is damaged.</exception>
    public static Task CheckAsync(string file, CancellationToken cancel) =>
        RunAsync("pg_restore", ["--file=/dev/null", file], [], cancel);

    private static async Task RunAsync(
        string program, string[] arguments, Dictionary<string, string> environment, CancellationToken cancel)
    {
        var binaries = await PostgresBinaries.FindAsync(null, null, cancel);
        var ended = await ChildProcess.RunAsync(
            [Path.Combine(binaries.Folder, program), .. arguments], input: null, cancel, environment);
        if (!ended.Succeeded)
            throw new IOException($"{program} ended with {ended.ExitCode}: {ended.Tail(3)}");
    }
}
