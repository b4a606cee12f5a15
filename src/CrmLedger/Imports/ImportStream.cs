using System.ComponentModel.DataAnnotations;
using System.Diagnostics;

namespace CrmLedger.Imports;

/// <summary>A file is being brought in; what comes with it counts from when it happened.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Source">What sort of file, for example <c>uci-incidents</c>.</param>
/// <param name="FileName">Its name, without folders.</param>
/// <param name="Sha256">The hash of its bytes, lower-case hexadecimal.</param>
public sealed record ImportDeclared(Guid ImportId, string Source, string FileName, string Sha256) : IImportStreamEvent;

/// <summary>The whole file is in.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Events">Events that the ledger holds because of it.</param>
public sealed record ImportCompleted(Guid ImportId, long Rows, long Events) : IImportStreamEvent;

/// <summary>Declare that a file is being brought in.</summary>
/// <param name="ImportId">
/// The import; derived from the source and the hash, so that the same file is the same import.
/// </param>
/// <param name="Source">What sort of file.</param>
/// <param name="FileName">Its name, without folders.</param>
/// <param name="Sha256">The hash of its bytes, 64 lower-case hexadecimal digits.</param>
public sealed record DeclareImport(
    [property: NewId] Guid ImportId,
    [property: MaxLength(200)] string Source,
    [property: MaxLength(255)] string FileName,
    [property: RegularExpression("^[0-9a-f]{64}$")] string Sha256) : IImportStreamCommand;

/// <summary>Declare that the whole file is in.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Events">Events that the ledger holds because of it.</param>
public sealed record CompleteImport(
    Guid ImportId,
    [property: Range(0L, 1L << 53)] long Rows,
    [property: Range(0L, 1L << 53)] long Events) : IImportStreamCommand;

/// <summary>An import as its stream tells it: the fold of <c>import-{id}</c>.</summary>
/// <param name="Declared">How it was declared, or null when it was not.</param>
/// <param name="Completed">How it was completed, or null while it runs.</param>
public sealed record Import(ImportDeclared? Declared, ImportCompleted? Completed)
{
    /// <summary>The stream before its first event.</summary>
    public static Import Initial { get; } = new(null, null);

    /// <summary>Folds a stream's events, in order.</summary>
    public static Import Fold(IReadOnlyList<Envelope> stream) =>
        stream.Aggregate(Initial, (state, e) => state.Evolve(e));

    /// <summary>The state after one more event.</summary>
    public Import Evolve(Envelope entry) => entry.Data switch
    {
        ImportDeclared e => this with { Declared = e },
        ImportCompleted e => this with { Completed = e },
        _ => throw new UnreachableException($"An import's stream does not hold {entry.Data.GetType().Name}."),
    };

    /// <summary>
    /// Decides a command on this import. Declaring a running import again changes nothing: it goes on.
    /// </summary>
    public Decision Decide(IImportStreamCommand command) => command switch
    {
        DeclareImport when Declared is not null => Decision.Accept(),
        DeclareImport c => Decision.Accept(new ImportDeclared(c.ImportId, c.Source, c.FileName, c.Sha256)),
        _ when Declared is null => new Rejection(RejectionCode.ImportUnknown,
            "There is no such import. Declare it first.", "importId"),
        CompleteImport when Completed is not null => new Rejection(RejectionCode.ImportCompleted,
            "This import is complete.", "importId"),
        CompleteImport c => Decision.Accept(new ImportCompleted(c.ImportId, c.Rows, c.Events)),
        _ => throw new UnreachableException($"No import takes {command.GetType().Name}."),
    };
}
