using CrmLedger.Server.Problems;

namespace CrmLedger.Server.Customers;

/// <summary>What is said where nothing of a customer is found.</summary>
internal static class CustomerStreams
{
    /// <summary>There is no such customer at all.</summary>
    public static Problem Unknown(string customerId) => Problem.Of(new(RejectionCode.CustomerUnknown,
        $"There is no customer '{customerId}'. Name one by its id, or by ref: and your reference."));

    /// <summary>
    /// Nothing of the customer was known at a position: an import brings the past, and is known only since it was
    /// brought in. Null where something was.
    /// </summary>
    public static string? NoticeOf(List<Envelope> stream, long position) => stream.Exists(e => e.Position <= position)
        ? null
        : "Nothing of this customer had been recorded by then"
            + (stream.Exists(e => e.Moment.Imported)
                ? "; the history was imported later. Ask by until instead of asOf for what had happened by then."
                : ".");
}
