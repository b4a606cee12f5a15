using System.Text.Json;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Policies;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Views;
using CrmLedger.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Policies;

/// <summary>A trust policy and from where it holds.</summary>
/// <param name="Position">The position at which it was adopted; left out for the one that holds without any.</param>
/// <param name="HalfLifeDays">The days after which evidence has half its weight.</param>
/// <param name="Prior">How much evidence it takes to move a score half-way from its start.</param>
/// <param name="Start">Where a score starts: 0 stands for 0 and 1 for 100.</param>
/// <param name="Weights">What each kind of evidence weighs.</param>
public sealed record ShownTrustPolicy(
    long? Position, int HalfLifeDays, decimal Prior, decimal Start, IReadOnlyDictionary<string, decimal> Weights);

/// <summary>The trust policies of a tenant, the first one first; the last one holds.</summary>
/// <param name="Policies">All that ever held.</param>
public sealed record TrustPolicyPage(IReadOnlyList<ShownTrustPolicy> Policies);

/// <summary>The tenant's own rules.</summary>
public static class PolicyEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapPolicies(this IEndpointRouteBuilder v1)
    {
        var policies = v1.MapGroup("/policies").WithTags("Policies");
        policies.MapCommand<AdoptTrustPolicy>("/trust", "Adopt what evidence weighs",
            "Evidence keeps the weight of the policy under which its event was recorded; half-life, prior and start "
            + "are the last policy's. What is left out is what it is without any policy.",
            """{"reason":"Disputes hurt us more","promiseDisputed":8,"halfLifeDays":120}""", Scopes.Admin);
        policies.MapGet("/trust", TrustAsync).WithName("TrustPolicies").WithSummary("Read what evidence weighs")
            .WithDescription("Every trust policy that ever held, from the one that holds without any.")
            .Produces<TrustPolicyPage>().Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);
    }

    private static async Task<IResult> TrustAsync(HttpContext http, EventReader reader, CancellationToken cancel)
    {
        if (new Query(http).Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        var policies = await reader.TrustPoliciesAsync(http.Caller().Tenant, long.MaxValue, cancel);
        return Results.Json(new TrustPolicyPage(
            [Shown(null, TrustPolicy.Default), .. policies.Adopted.Select(a => Shown(a.Position, a.Policy))]),
            LedgerJson.Options);
    }

    /// <summary>The trust policies that were known at a position.</summary>
    public static async Task<TrustPolicies> TrustPoliciesAsync(
        this EventReader reader, string tenant, long position, CancellationToken cancel)
    {
        var stream = await reader.ReadEnvelopesAsync(tenant, PolicyStream.StreamId, cancel);
        return PolicyStream.Fold([.. stream.Where(e => e.Position <= position)]).Trust;
    }

    /// <summary>A policy as it is shown.</summary>
    internal static ShownTrustPolicy Shown(long? position, TrustPolicy policy) => new(
        position, (int)policy.HalfLife.TotalDays, policy.PriorThousandths / 1_000m, policy.StartThousandths / 1_000m,
        policy.WeightsThousandths.ToDictionary(
            w => JsonNamingPolicy.CamelCase.ConvertName(w.Key.ToString()), w => w.Value / 1_000m,
            StringComparer.Ordinal));
}
