namespace CrmLedger.Commitments;

/// <summary>Where the 95 % interval of a share lies beside a rate.</summary>
public enum ShareStanding
{
    /// <summary>All of it lies above: the share is surely higher.</summary>
    Above,

    /// <summary>All of it lies below: the share is surely lower.</summary>
    Below,

    /// <summary>The rate lies within it: the difference may be chance.</summary>
    Within,
}
