using System.Globalization;
using System.Text;
using System.Buffers.Text;
using System.Text.Json;
using CrmLedger.People;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;
using CrmLedger.Transparency;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace CrmLedger.Server.Views;

/// <summary>Reads an address's query and collects everything that is wrong with it.</summary>
/// <param name="http">The request.</param>
/// <param name="known">The parameters that the operation takes; any other one is an error rather than ignored.</param>
public sealed class Query(HttpContext http, params string[] known)
{
    /// <summary>What is wrong with a cursor that reads well and says what this ledger cannot have said.</summary>
    public const string ForeignCursor = "is not a cursor that this ledger gave.";

    /// <summary>What is wrong with a time of happening that lies after the time of knowledge.</summary>
    public const string UntilAhead = "must not lie after asOf, or after now without asOf.";

    /// <summary>What is wrong with groups told over periods of which there would be very many.</summary>
    public const string TooManyPeriods = "would give more numbers than anybody reads. Take longer periods, bounds "
        + "that lie closer together, or fewer groups.";

    private readonly List<FieldError> _errors = [.. http.Request.Query
        .Select(p => (p.Key, Error: known.Contains(p.Key, StringComparer.Ordinal) ? ErrorOf(p.Value)
            : known.Length == 0 ? "there is no such parameter; this takes none."
            : $"there is no such parameter; there are {string.Join(", ", known)}."))
        .Where(p => p.Error is not null)
        .Select(p => new FieldError(p.Key, p.Error!))];

    /// <summary>What was wrong, or null.</summary>
    public Problem? Problem => _errors.Count == 0 ? null : Problems.Problem.Invalid(_errors);

    /// <summary>Adds what was wrong with a parameter beside others.</summary>
    public void Refuse(string name, string detail) => _errors.Add(new(name, detail));

    /// <summary>Refuses headers that other operations take and that would be promised something here.</summary>
    public void RefuseHeaders(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (http.Request.Headers.ContainsKey(name))
                Refuse(name, "is not taken here: what is sent again is known by what it says. Leave it out.");
        }
    }

    /// <summary>A text, or null.</summary>
    public string? Text(string name) => http.Request.Query[name] is [var text] && ErrorOf(text) is null ? text : null;

    /// <summary>A time with its offset, or null. A date alone is its midnight in UTC.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        // An unescaped + of an offset arrives as a blank.
        if (text.Length == 10)
            text += "T00:00:00Z";
        else if (text.Length > 19)
            text = text[..19] + text[19..].Replace(' ', '+');
        var (time, error) = FieldReader.Time(text);
        if (error is not null)
            _errors.Add(new(name, error));
        return time as DateTimeOffset?;
    }

    /// <summary>A whole number, or null.</summary>
    public long? Number(string name, long least, long most)
    {
        if (Text(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && number >= least && number <= most)
        {
            return number;
        }
        _errors.Add(new(name, $"must be a whole number from {least} to {most}."));
        return null;
    }

    /// <summary>True or false, or null.</summary>
    public bool? Flag(string name)
    {
        switch (Text(name))
        {
            case null:
                return null;
            case "true":
                return true;
            case "false":
                return false;
            default:
                _errors.Add(new(name, "must be true or false."));
                return null;
        }
    }

    /// <summary>What of what is known counts for the answer.</summary>
    public WhatCounts WhatCounts() => new(
        Time("until"), Word<AnnulledEntries>("annulled") ?? AnnulledEntries.LeftOut);

    /// <summary>One of some words, or null.</summary>
    public string? Word(string name, params string[] words)
    {
        if (Text(name) is not { } text)
            return null;
        if (words.Contains(text, StringComparer.Ordinal))
            return text;
        _errors.Add(new(name, $"must be one of {string.Join(", ", words)}."));
        return null;
    }

    /// <summary>One of our words, as it is written in JSON, or null.</summary>
    public TWord? Word<TWord>(string name)
        where TWord : struct, Enum => Word(name, [.. Words.Names<TWord>()]) is { } text
            ? Enum.GetValues<TWord>().First(word => Words.Name(word) == text)
            : null;

    /// <summary>Some of these words, with commas between, or null.</summary>
    public IReadOnlySet<string>? WordList(string name, IReadOnlyList<string> words)
    {
        if (Text(name) is not { } text)
            return null;
        var given = text.Split(',').ToHashSet(StringComparer.Ordinal);
        if (given.IsSubsetOf(words))
            return given;
        _errors.Add(new(name, $"must be one or several of {string.Join(", ", words)}, with commas between."));
        return null;
    }

    /// <summary>A customer or member, by id or <c>ref:</c> and reference, or null.</summary>
    public Guid? Stream(string name, StreamKind kind, TenantLedger ledger)
    {
        if (Text(name) is not { } text)
            return null;
        var id = StreamAddress.Parse(kind, text, ledger.Keys);
        if (id is null)
            _errors.Add(new(name, "must be an id, or ref: and a reference."));
        return id;
    }

    /// <summary>Words that somebody is looked for by, or null.</summary>
    public SoughtWords? Sought(string name)
    {
        if (Text(name) is not { } text)
            return null;
        var sought = SoughtWords.In(text);
        if (text.Length > SoughtWords.MostCharacters)
            _errors.Add(new(name, $"must have at most {SoughtWords.MostCharacters} characters; it has {text.Length}."));
        else if (sought is null)
            _errors.Add(new(name, "must hold a letter, a digit or another sign to look for."));
        return sought;
    }

    /// <summary>Where the page before ended, as <see cref="Cursor" /> wrote it, or null.</summary>
    public T? After<T>(string name)
        where T : class
    {
        if (Text(name) is not { } text)
            return null;
        var after = Read<T>(text);
        if (after is null)
            _errors.Add(new(name, ForeignCursor));
        return after;
    }

    /// <summary>PostgreSQL keeps no text with U+0000, so nothing can be found by it.</summary>
    private static string? ErrorOf(StringValues values) => values switch
    {
        { Count: > 1 } => "is given more than once.",
        [null or ""] => "is empty; leave it out instead.",
        [var text] when text.Contains('\0', StringComparison.Ordinal) => "must not contain the character U+0000.",
        _ => null,
    };

    private static T? Read<T>(string cursor)
        where T : class
    {
        try
        {
            byte[] json = Base64Url.DecodeFromChars(cursor);
            return InternetJson.Check(json) is null
                ? JsonSerializer.Deserialize<T>(json, LedgerJson.Options)
                : null;
        }
        catch (Exception foreign) when (foreign is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>An opaque cursor.</summary>
    public static string Cursor<T>(T after) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(after, LedgerJson.Options)));
}
