using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using CrmLedger.Customers;

namespace CrmLedger.Server.Commands;

/// <summary>One field of a command, as clients see it.</summary>
/// <param name="Name">camelCase.</param>
/// <param name="Type">The property's type without its nullability.</param>
/// <param name="Required">Whether a client must send it (or the address name it).</param>
/// <param name="Default">What it is when it is not sent.</param>
/// <param name="MaxLength">Characters of a text.</param>
/// <param name="Range">Bounds of a number.</param>
/// <param name="Pattern">What a text must match.</param>
/// <param name="IsNewId">Whether an id is made when none is sent.</param>
/// <param name="Member">Set for a member's id.</param>
/// <param name="IsCustomer">Whether it is the id of another customer.</param>
/// <param name="Property">The command's property.</param>
public sealed record CommandField(
    string Name, Type Type, bool Required, object? Default, int MaxLength, RangeAttribute? Range,
    RegularExpressionAttribute? Pattern, bool IsNewId, MemberAttribute? Member, bool IsCustomer, PropertyInfo Property)
{
    /// <summary>Whether it is personal text, which is sealed before anything is decided.</summary>
    public bool IsSealed => Type == typeof(Sealed);
}

/// <summary>What a command's record asks for, read from it once.</summary>
public sealed class CommandShape
{
    private const int LongestText = 4_000;
    private static readonly ConcurrentDictionary<Type, CommandShape> s_shapes = new();
    private readonly ConstructorInfo _constructor;

    private CommandShape(Type command)
    {
        Command = command;
        _constructor = command.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        var parameters = _constructor.GetParameters();
        var teams = parameters.Select(p =>
            command.GetProperty(p.Name!)?.GetCustomAttribute<MemberAttribute>()?.TeamParameter)
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        Fields = [.. parameters.Select(p => Field(command, p, teams))];
    }

    /// <summary>The command's record.</summary>
    public Type Command { get; }

    /// <summary>Its fields, in the order of its constructor.</summary>
    public IReadOnlyList<CommandField> Fields { get; }

    /// <summary>The shape of a command's record.</summary>
    public static CommandShape Of(Type command) => s_shapes.GetOrAdd(command, c => new(c));

    /// <summary>Makes the command.</summary>
    public ICommand Make(object?[] values) => (ICommand)_constructor.Invoke(values);

    private static CommandField Field(Type command, ParameterInfo parameter, HashSet<string> teams)
    {
        var property = command.GetProperty(parameter.Name!)!;
        string name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        bool isNewId = property.IsDefined(typeof(NewIdAttribute));
        return new(
            name,
            Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType,
            Required: !parameter.HasDefaultValue && !isNewId && !teams.Contains(name),
            parameter.HasDefaultValue ? parameter.DefaultValue : null,
            property.GetCustomAttribute<MaxLengthAttribute>()?.Length ?? (IsId(name) ? 100 : LongestText),
            property.GetCustomAttribute<RangeAttribute>(),
            property.GetCustomAttribute<RegularExpressionAttribute>(),
            isNewId,
            property.GetCustomAttribute<MemberAttribute>(),
            property.IsDefined(typeof(OtherCustomerAttribute)),
            property);
    }

    private static bool IsId(string name) => name.EndsWith("Id", StringComparison.Ordinal);
}
