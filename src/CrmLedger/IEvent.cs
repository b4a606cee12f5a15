namespace CrmLedger;

/// <summary>
/// A fact as it is stored for ever. One record for each stored shape; <see cref="LedgerEvents"/> gives each its stable
/// name. A changed shape is a new name with an upcaster (<see cref="EventUpcasters"/>), never an edited record.
/// </summary>
public interface IEvent;

/// <summary>An event of a customer's stream.</summary>
public interface ICustomerStreamEvent : IEvent;

/// <summary>An event of a member's stream.</summary>
public interface IMemberStreamEvent : IEvent;

/// <summary>An event of an import's stream.</summary>
public interface IImportStreamEvent : IEvent;

/// <summary>An event of the tenant's one policy stream.</summary>
public interface IPolicyStreamEvent : IEvent;
