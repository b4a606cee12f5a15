using CrmLedger.Annulments;
using CrmLedger.Members;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Members;

/// <summary>The commands about the tenant's own people.</summary>
public static class MemberEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapMembers(this IEndpointRouteBuilder v1)
    {
        var members = v1.MapGroup("/members").WithTags("Members");
        members.MapCommand<JoinMember>("", "Let a member join",
            "A member must have joined before anything is attributed to them.",
            """{"reference":"erik","name":"Erik Berg","team":"support"}""");
        members.MapCommand<MoveMemberToTeam>("/{memberId}/move-team", "Move a member to another team",
            "What was attributed before stays with the team of then.", """{"toTeam":"sales"}""");
        members.MapCommand<AnnulEntry>("/{memberId}/annulments", "Annul an entry of a member",
            "The entry stays in the log and in its proofs; every view leaves it out.",
            """{"eventId":"0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a","reason":"Wrong team"}""").WithTags("Annulments");
    }
}
