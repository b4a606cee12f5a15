using CrmLedger.Policies;
using CrmLedger.Trust;

namespace CrmLedger.Server.Statements;

/// <summary>Computes a customer's trust again, from the customer's stream and the policies.</summary>
internal sealed class TrustRefold(StatementQuestion question) : StatementRefold(question)
{
    /// <inheritdoc />
    public override object Answer() => StatedTrust.Of(CustomerTrust.Fold(Of(Stream!), Question.Counts)
        .At(PolicyStream.Fold(Of(PolicyStream.StreamId)).Trust, Question.Time));

    /// <inheritdoc />
    protected override bool IsOfInterest(Envelope entry) =>
        entry.Stream == Stream || entry.Stream == PolicyStream.StreamId;
}
