using System.Buffers;
using System.Text;

namespace CrmLedger.Transparency;

/// <summary>One pass over a text, with a stack of its own in place of recursion.</summary>
internal ref struct InternetJsonScanner
{
    private readonly ReadOnlySpan<byte> _utf8;
    private readonly int _maxDepth;
    private readonly MemberNames _names = new();
    private Frame[] _frames = new Frame[8];
    private int _depth;
    private int _at;
    private InternetJsonViolation? _violation;

    internal InternetJsonScanner(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        _utf8 = utf8;
        _maxDepth = maxDepth;
    }

    internal InternetJsonViolation? Scan()
    {
        if (_utf8.StartsWith(Encoding.UTF8.Preamble))
            return new InternetJsonViolation("", "The text starts with a byte order mark; send it without.");
        SkipSpace();
        if (_at == _utf8.Length)
            return new InternetJsonViolation("", "The text is empty; a JSON value was expected.");
        while (Value() && Next())
        {
        }

        return _violation;
    }

    // Reads a scalar or an empty container; goes into any other container, to the first value that is neither.
    private bool Value()
    {
        while (true)
        {
            SkipSpace();
            if (_at == _utf8.Length)
                return Fail(_at, "The text ends where a value was expected");
            var first = _utf8[_at];
            if (first is not ((byte)'{' or (byte)'['))
                return Scalar(first);
            if (!Open(isArray: first == '['))
                return false;
            if (TryClose(first == '[' ? (byte)']' : (byte)'}'))
                return true;
            if (first == '{' && !Name())
                return false;
        }
    }

    private bool Scalar(byte first)
    {
        return first switch
        {
            (byte)'"' => String(isName: false),
            (byte)'t' => Word("true"u8),
            (byte)'f' => Word("false"u8),
            (byte)'n' => Word("null"u8),
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(),
            _ => Unexpected("a value"),
        };
    }

    // After a value: closes what ends here and goes to where the next value starts. False at the end of the text.
    private bool Next()
    {
        while (true)
        {
            SkipSpace();
            if (_depth == 0)
                return _at < _utf8.Length && Fail(_at, "There is more text after the end of the value");
            ref var frame = ref _frames[_depth - 1];
            if (_at == _utf8.Length)
                return Fail(_at, frame.IsArray ? "The text ends inside an array" : "The text ends inside an object");
            if (_utf8[_at] == ',')
            {
                _at++;
                frame.Index++;
                frame.HasName = false;
                return frame.IsArray || Name();
            }

            if (!TryClose(frame.IsArray ? (byte)']' : (byte)'}'))
            {
                return _violation is null
                    && Unexpected(frame.IsArray ? "a comma or the array's end" : "a comma or the object's end");
            }
        }
    }

    private bool Open(bool isArray)
    {
        if (_depth >= _maxDepth)
            return Fail(_at, $"Arrays and objects are nested more than {_maxDepth} deep");
        if (_depth == _frames.Length)
            Array.Resize(ref _frames, _depth * 2);
        _frames[_depth++] = new Frame { IsArray = isArray, Names = _names.Mark() };
        _at++;
        return true;
    }

    private bool TryClose(byte bracket)
    {
        SkipSpace();
        if (_at == _utf8.Length || _utf8[_at] != bracket)
            return false;
        ref var frame = ref _frames[_depth - 1];
        if (!frame.IsArray && _names.TryFindDuplicate(_utf8, frame.Names, out var twice))
        {
            _names.Add(twice);
            frame.HasName = true;
            _violation = new InternetJsonViolation(Pointer(), "The object has this member twice.");
            return false;
        }

        _at++;
        _names.Release(frame.Names);
        _depth--;
        return true;
    }

    private bool Name()
    {
        SkipSpace();
        if (_at == _utf8.Length)
            return Fail(_at, "The text ends inside an object");
        if (_utf8[_at] != '"')
            return Unexpected("a member's name");
        if (!String(isName: true))
            return false;
        _frames[_depth - 1].HasName = true;
        SkipSpace();
        if (_at == _utf8.Length)
            return Fail(_at, "The text ends after a member's name");
        if (_utf8[_at] != ':')
            return Unexpected("a colon");
        _at++;
        return true;
    }

    private bool String(bool isName)
    {
        var start = _at + 1;
        var end = start;
        var isEscaped = false;
        while (true)
        {
            var step = _utf8[end..].IndexOfAny(JsonText.Escaped);
            if (step < 0)
                return Fail(_utf8.Length, "The text ends inside a string");
            end += step;
            if (_utf8[end] == '"')
                break;
            if (_utf8[end] != '\\')
                return Fail(end, "A string holds a control character, which must be escaped");
            isEscaped = true;
            end = Math.Min(end + 2, _utf8.Length);
        }

        _at = end + 1;
        var raw = _utf8[start..end];
        var name = new MemberName(start, raw.Length, IsUnescaped: false);
        if (isEscaped && !Unescape(raw, start, out name))
            return false;
        if (!HasInterchangeableCharacters(_names.Text(_utf8, name), start))
            return false;
        if (isName)
            _names.Add(name);
        return true;
    }

    private bool Unescape(ReadOnlySpan<byte> raw, int start, out MemberName text)
    {
        var fault = JsonText.Unescape(raw, _names.Room(raw.Length), out var written, out var faultAt);
        text = _names.InRoom(written);
        if (fault == EscapeFault.NotAnEscape)
            return Fail(start + faultAt, "A string holds a backslash that starts no JSON escape");
        if (fault == EscapeFault.LoneSurrogate)
            return Fail(start + faultAt, "A string holds half of a surrogate pair, which is no character");
        // Written literally it would have been a control character, and refused as such.
        return !_names.Text(_utf8, text).Contains((byte)0)
            || Fail(start, "A string holds U+0000, which cannot be stored");
    }

    private bool HasInterchangeableCharacters(ReadOnlySpan<byte> text, int start)
    {
        var plain = text.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
        if (plain < 0)
            return true;
        text = text[plain..];
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out var rune, out var length) != OperationStatus.Done)
                return Fail(start, "A string is not valid UTF-8");
            // RFC 7493 §2.1 forbids noncharacters.
            if ((rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF)
                return Fail(start, $"A string holds the noncharacter U+{rune.Value:X4}");
            text = text[length..];
        }

        return true;
    }

    private bool Number()
    {
        var length = InternetJsonNumber.Length(_utf8[_at..]);
        if (length == 0)
            return Fail(_at, "A number is not written as JSON numbers are");
        if (InternetJsonNumber.Fault(_utf8.Slice(_at, length)) is { } fault)
        {
            _violation = new InternetJsonViolation(Pointer(), fault);
            return false;
        }

        _at += length;
        return true;
    }

    private bool Word(ReadOnlySpan<byte> word)
    {
        if (!_utf8[_at..].StartsWith(word))
            return Unexpected("a value");
        _at += word.Length;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _utf8.Length && _utf8[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            _at++;
    }

    private bool Unexpected(string expected)
    {
        var found = _utf8[_at] is > 0x20 and < 0x7F ? $"'{(char)_utf8[_at]}'" : $"byte 0x{_utf8[_at]:X2}";
        return Fail(_at, $"Expected {expected}, found {found}");
    }

    private bool Fail(int at, string what)
    {
        var before = _utf8[..at];
        var line = before.Count((byte)'\n') + 1;
        var column = at - before.LastIndexOf((byte)'\n');
        _violation = new InternetJsonViolation(Pointer(), $"{what} (line {line}, byte {column}).");
        return false;
    }

    private readonly string Pointer()
    {
        var pointer = new StringBuilder();
        for (var i = 0; i < _depth; i++)
        {
            if (_frames[i].IsArray)
            {
                pointer.Append('/').Append(_frames[i].Index);
            }
            else if (_frames[i].HasName)
            {
                var after = i + 1 < _depth ? _frames[i + 1].Names : _names.Mark();
                var name = Encoding.UTF8.GetString(_names.Text(_utf8, _names.Before(after)));
                pointer.Append('/').Append(name.Replace("~", "~0", StringComparison.Ordinal)
                    .Replace("/", "~1", StringComparison.Ordinal));
            }
        }

        return pointer.ToString();
    }

    private struct Frame
    {
        internal bool IsArray;
        internal bool HasName;
        internal int Index;
        internal MemberNames.Place Names;
    }
}
