namespace CrmLedger.Transparency;

/// <summary>Why a proof that can be read proves nothing, or proves the log wrong.</summary>
public enum ProofFault
{
    /// <summary>No key that is trusted for this has signed. Signatures of unknown keys do not count.</summary>
    NotSigned,

    /// <summary>A trusted key's signature does not fit the text: one of the two was altered.</summary>
    WrongSignature,

    /// <summary>The checkpoint is another log's.</summary>
    OtherLog,

    /// <summary>Fewer witnesses have cosigned than the policy asks for.</summary>
    TooFewWitnesses,

    /// <summary>The entry's place is not within the tree of the checkpoint.</summary>
    OutsideTree,

    /// <summary>The path does not lead from this entry at this place to the signed root.</summary>
    WrongPath,

    /// <summary>What is offered as the newer checkpoint has the smaller tree.</summary>
    OlderThanKnown,

    /// <summary>The log signed two roots for one size: proof that it shows different people different logs.</summary>
    Fork,

    /// <summary>The proof does not show that the newer tree begins with the older one.</summary>
    NotConsistent,
}

/// <summary>The answer of a check that did not succeed.</summary>
/// <param name="Fault">For programs.</param>
/// <param name="Detail">For people: what was found, and what was expected.</param>
public sealed record ProofRefusal(ProofFault Fault, string Detail);
