using CrmLedger.EventStore.Tenants;
using CrmLedger.Imports;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Imports;

/// <summary>
/// The commands about imports; their events go to POST /v1/events with the attribute <c>importid</c>.
/// </summary>
public static class ImportEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapImports(this IEndpointRouteBuilder v1)
    {
        var imports = v1.MapGroup("/imports").WithTags("Imports");
        imports.MapPost("", ImportDeclaration.HandleAsync).WithName(nameof(DeclareImport))
            .WithSummary("Declare an import")
            .WithDescription("What comes with a declared import counts from when it happened, and every number says "
                + "how much of it was imported. The same source and hash are the same import: declaring it again tells "
                + "how it stands.")
            .WithMetadata(new CommandMetadata(typeof(DeclareImport),
                """
                {"source":"uci-incidents","fileName":"incidents.csv",
                 "sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
                """))
            .Produces<ImportDeclaration>().Needs(Scopes.Append);
        imports.MapCommand<CompleteImport>("/{importId}/complete", "Declare that an import is complete",
            "From then on nothing more can come with it.", """{"rows":5998,"events":9411}""");
    }
}
