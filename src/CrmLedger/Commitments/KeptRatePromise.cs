using CrmLedger.Promises;

namespace CrmLedger.Commitments;

/// <summary>One row of the kept rate: a promise to a customer, whatever became of it.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Promise">The promise as its events tell it.</param>
public sealed record KeptRatePromise(Guid CustomerId, Promise Promise)
{
    /// <summary>Whether events of this record can change a row.</summary>
    public static bool Handles(Type record) => record.IsAssignableTo(typeof(IPromiseEvent));

    /// <summary>The row after the event; null only while the promise was not made.</summary>
    /// <param name="row">The row of that customer and promise, or null when there is none.</param>
    /// <param name="customerId">The customer in whose stream the event stands.</param>
    /// <param name="happened">An event of the promise.</param>
    /// <param name="at">When it happened and was recorded.</param>
    public static KeptRatePromise? Project(
        KeptRatePromise? row, Guid customerId, IPromiseEvent happened, Moment at) =>
        Promise.Evolve(row?.Promise, happened, at) is { } promise ? new(customerId, promise) : null;
}
