using System.CommandLine;
using System.Globalization;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Schema;
using CrmLedger.Postgres;
using CrmLedger.Server.Hosting;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger migrate</c>: brings a database to this version. Works on the database itself.</summary>
internal static class MigrateCommand
{
    public static Command Make(Shell shell)
    {
        var check = new Option<bool>("--check")
        {
            Description = "Tell what there is to do, and change nothing; exits with 1 when there is anything.",
        };
        var copy = File("--copy", "Where to make a copy of the database first, where events have to move.");
        var copied = File("--copied", "The copy that you made, by pg_dump in its custom format; it is read again.");
        var command = new TaughtCommand("migrate", """
            Bring a database to this version of crmledger, and end. Forward only; what was interrupted is gone
            on with when it is run again, and a second run changes nothing. A server does the same at its start
            with the PostgreSQL that it brings; with one of your own, the owner of the database runs this, and
            the server needs no owner's password.

            Where the events have to move into other tables, a copy of what is there comes first: give --copy or
            --copied. The PostgreSQL in a data folder is copied into it without being told.

            Example: crmledger migrate --check
            Example: crmledger migrate --copy /backup/crmledger.dump
            """) { check, copy, copied, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            bool checks = parse.GetValue(check);
            var plan = await LedgerHome.MigrateAsync(Settings.Home(parse.GetValue(Options.Home), shell.Environment),
                Copying(parse.GetValue(copy), parse.GetValue(copied)), told => shell.Error.WriteLine(told), checks, ct);
            shell.Answer(Told(plan, checks));
            return checks && !plan.IsDone ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static Func<LedgerConnections, CancellationToken, Task>? Copying(FileInfo? copy, FileInfo? copied) =>
        (copy, copied) switch
        {
            (null, null) => null,
            ({ } made, null) => (connections, cancel) => LedgerHome.CopyAsync(connections, made.FullName, cancel),
            (null, { } there) => (_, cancel) => PostgresCopy.CheckAsync(there.FullName, cancel),
            _ => throw new CliFailure(ExitCode.Usage, "Give --copy or --copied, not both."),
        };

    private static string Told(MigrationPlan plan, bool checks)
    {
        if (plan.IsDone)
            return $"The database is at step {plan.Number}, which is this version's. There is nothing to do.";
        string steps = $"from step {plan.Number} to step {Migration.Number}";
        if (!checks)
            return $"The database was brought {steps}.";
        string space = plan.SpaceNeeded is not { } needed ? ""
            : $" Its events move into other tables, after a copy of it was made. That needs {Megabytes(needed)} while "
                + "it lasts" + (plan.FreeBytes is { } free ? $"; {Megabytes(free)} are free." : ".");
        return $"The database has to be brought {steps}.{space} Nothing was changed.";
    }

    private static string Megabytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{(bytes + (1 << 20) - 1) >> 20:N0} MiB");

    private static Option<FileInfo> File(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };
}
