using System.ComponentModel.DataAnnotations;

namespace CrmLedger;

/// <summary>
/// What somebody asks the ledger to record. Personal text arrives already sealed (<see cref="Sealed"/>), ids and times
/// arrive as data, so that deciding needs no clock, no randomness and no key.
/// </summary>
public interface ICommand;

/// <summary>A command on a customer's stream.</summary>
public interface ICustomerStreamCommand : ICommand;

/// <summary>
/// The clock's own verdict that a deadline has passed. No client may ask for it; it is given whatever became of the
/// customer, since a merger or an erasure keeps no promise.
/// </summary>
public interface IClockVerdict : ICustomerStreamCommand;

/// <summary>A command on a member's stream.</summary>
public interface IMemberStreamCommand : ICommand;

/// <summary>A command on an import's stream.</summary>
public interface IImportStreamCommand : ICommand;

/// <summary>A command on the tenant's one policy stream.</summary>
public interface IPolicyStreamCommand : ICommand;

/// <summary>
/// Marks a command's member id. At the edge it is written as a member's id or <c>ref:</c> and the client's own
/// reference, and the member must have joined.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class MemberAttribute : Attribute
{
    /// <summary>The command's parameter that takes the member's current team when the client left it out.</summary>
    public string? TeamParameter { get; init; }
}

/// <summary>
/// Marks a command's id of the thing that it brings into the ledger. A client that sends none gets one made for it.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class NewIdAttribute : Attribute;

/// <summary>
/// Marks a command's list of words: how many there may be and how long each may be (1 character at least).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WordsAttribute(int maxCount, int maxLength) : ValidationAttribute
{
    /// <summary>The most words that the list may hold.</summary>
    public int MaxCount => maxCount;

    /// <summary>The most characters that a word may have.</summary>
    public int MaxLength => maxLength;

    /// <inheritdoc />
    public override bool IsValid(object? value) => value is not IReadOnlyList<string> words
        || (words.Count <= maxCount && words.All(w => w.Length >= 1 && w.Length <= maxLength));

    /// <inheritdoc />
    public override string FormatErrorMessage(string name) =>
        $"{name} takes at most {maxCount} words of 1 to {maxLength} characters each.";
}
