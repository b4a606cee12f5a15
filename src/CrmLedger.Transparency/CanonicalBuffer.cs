using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace CrmLedger.Transparency;

/// <summary>A growing text in which every finished object is put into canonical order where it stands.</summary>
/// <remarks>
/// Members are written as they come; at an object's end they are moved only if they were out of order. So a text that
/// is canonical already, as ours mostly is, costs one pass.
/// </remarks>
internal sealed class CanonicalBuffer : IComparer<CanonicalBuffer.Member>
{
    private const int KeptBytes = 1 << 20;
    private const int InsertionSortLength = 16;
    private const long MaxExactInteger = 1L << 53;

    [ThreadStatic]
    private static CanonicalBuffer? _idle;

    private byte[] _text = new byte[4096];
    private int _length;

    // Unescaped names of open objects, where the text holds the name in another form.
    private byte[] _names = [];
    private int _namesLength;

    private byte[] _unordered = [];
    private Member[] _members = new Member[64];
    private int _memberCount;
    private Frame[] _frames = new Frame[16];
    private int _depth;
    private bool _commaDue;

    internal ReadOnlySpan<byte> Written => _text.AsSpan(0, _length);

    internal static CanonicalBuffer Take()
    {
        var buffer = _idle ?? new CanonicalBuffer();
        _idle = null;
        buffer._length = 0;
        return buffer;
    }

    /// <summary>Gives the buffer back to its thread. After an exception it is dropped instead.</summary>
    internal void Return()
    {
        if (_text.Length + _names.Length + _unordered.Length <= KeptBytes)
            _idle = this;
    }

    internal void Literal(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(utf8.Length));
        _length += utf8.Length;
    }

    internal void Integer(long value)
    {
        if (value is > MaxExactInteger or < -MaxExactInteger)
            throw new ArgumentOutOfRangeException(nameof(value), value, "A double does not hold this integer exactly.");
        _ = Utf8Formatter.TryFormat(value, Room(20), out var written);
        _length += written;
    }

    internal void QuotedGuid(Guid value)
    {
        var room = Room(38);
        room[0] = room[37] = (byte)'"';
        _ = value.TryFormat(room[1..], out _, "D");
        _length += 38;
    }

    /// <summary>UTC with six digits; what is finer than a microsecond is cut off, as Npgsql cuts it off.</summary>
    internal void QuotedTime(DateTimeOffset value)
    {
        var room = Room(30);
        room[0] = (byte)'"';
        _ = value.UtcDateTime.TryFormat(room[1..], out _, "O", CultureInfo.InvariantCulture);
        "Z\""u8.CopyTo(room[27..]);
        _length += 29;
    }

    internal void Quoted(string value)
    {
        var room = Room((value.Length * 3) + 2);
        var status = Utf8.FromUtf16(value, room[1..], out _, out var written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
            throw new ArgumentException("The text holds a lone surrogate.", nameof(value));
        if (room.Slice(1, written).ContainsAny(JsonText.Escaped))
        {
            EscapedString(room.Slice(1, written).ToArray());
            return;
        }

        room[0] = room[written + 1] = (byte)'"';
        _length += written + 2;
    }

    internal void Json(ReadOnlySpan<byte> utf8Json, JsonReaderOptions options)
    {
        if (!Utf8.IsValid(utf8Json))
            throw new JsonException("The JSON text is not valid UTF-8.");
        _depth = 0;
        _memberCount = 0;
        _namesLength = 0;
        _commaDue = false;
        var reader = new Utf8JsonReader(utf8Json, options);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    Name(ref reader);
                    break;
                case JsonTokenType.EndObject:
                    EndObject();
                    break;
                case JsonTokenType.EndArray:
                    _length += Byte((byte)']');
                    _commaDue = true;
                    break;
                default:
                    Value(ref reader);
                    break;
            }
        }
    }

    private void Value(ref Utf8JsonReader reader)
    {
        if (_commaDue)
            _length += Byte((byte)',');
        _commaDue = true;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                _length += Byte((byte)'{');
                Push();
                break;
            case JsonTokenType.StartArray:
                _length += Byte((byte)'[');
                _commaDue = false;
                break;
            case JsonTokenType.String when reader.ValueIsEscaped:
                EscapedString(Unescape(reader.ValueSpan));
                break;
            case JsonTokenType.String:
                PlainString(reader.ValueSpan);
                break;
            case JsonTokenType.Number:
                Number(reader.ValueSpan);
                break;
            default:
                Literal(reader.ValueSpan);
                break;
        }
    }

    private void Push()
    {
        if (_depth == _frames.Length)
            Array.Resize(ref _frames, _depth * 2);
        _frames[_depth++] = new Frame(_memberCount, _namesLength);
        _commaDue = false;
    }

    private void Name(ref Utf8JsonReader reader)
    {
        if (_commaDue)
        {
            _members[_memberCount - 1].End = _length;
            _length += Byte((byte)',');
        }

        if (_memberCount == _members.Length)
            Array.Resize(ref _members, _memberCount * 2);
        ref var member = ref _members[_memberCount++];
        member.Start = _length;
        if (reader.ValueIsEscaped)
        {
            var name = Unescape(reader.ValueSpan);
            member.IsUnescaped = true;
            member.NameAt = _namesLength;
            member.NameLength = name.Length;
            _namesLength += name.Length;
            EscapedString(name);
        }
        else
        {
            member.IsUnescaped = false;
            member.NameAt = _length + 1;
            member.NameLength = reader.ValueSpan.Length;
            PlainString(reader.ValueSpan);
        }

        _length += Byte((byte)':');
        _commaDue = false;
    }

    private void EndObject()
    {
        var frame = _frames[--_depth];
        var members = _members.AsSpan(frame.FirstMember, _memberCount - frame.FirstMember);
        if (members.Length > 0)
            members[^1].End = _length;
        if (!InOrder(members))
            Reorder(members);
        _memberCount = frame.FirstMember;
        _namesLength = frame.NamesLength;
        _length += Byte((byte)'}');
        _commaDue = true;
    }

    private bool InOrder(ReadOnlySpan<Member> members)
    {
        for (var i = 1; i < members.Length; i++)
        {
            var order = Compare(members[i - 1], members[i]);
            if (order == 0)
                throw new JsonException("An object has two members of the same name.");
            if (order > 0)
                return false;
        }

        return true;
    }

    private void Reorder(Span<Member> members)
    {
        var start = members[0].Start;
        if (members.Length <= InsertionSortLength)
            InsertionSort(members);
        else
            members.Sort(this);
        _ = InOrder(members);

        if (_unordered.Length < _length - start)
            _unordered = new byte[Math.Max(_length - start, _text.Length)];
        _text.AsSpan(start, _length - start).CopyTo(_unordered);
        var at = start;
        foreach (ref readonly var member in members)
        {
            if (at > start)
                _text[at++] = (byte)',';
            var moved = _unordered.AsSpan(member.Start - start, member.End - member.Start);
            moved.CopyTo(_text.AsSpan(at));
            at += moved.Length;
        }
    }

    private void InsertionSort(Span<Member> members)
    {
        for (var i = 1; i < members.Length; i++)
        {
            var moving = members[i];
            var hole = i;
            for (; hole > 0 && Compare(members[hole - 1], moving) > 0; hole--)
                members[hole] = members[hole - 1];
            members[hole] = moving;
        }
    }

    /// <summary>Orders names by UTF-16 code units (RFC 8785 §3.2.3) without leaving UTF-8.</summary>
    public int Compare(Member x, Member y)
    {
        var left = NameOf(x);
        var right = NameOf(y);
        var same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length.CompareTo(right.Length);
        // UTF-8 sorts by code point. UTF-16 differs from that in one place: characters beyond U+FFFF (first byte F0
        // and up) are surrogates there and come before U+E000..U+FFFF (first byte EE or EF).
        var order = left[same].CompareTo(right[same]);
        return left[same] >= 0xEE && right[same] >= 0xEE && (left[same] >= 0xF0) != (right[same] >= 0xF0)
            ? -order
            : order;
    }

    private ReadOnlySpan<byte> NameOf(in Member member)
    {
        return (member.IsUnescaped ? _names : _text).AsSpan(member.NameAt, member.NameLength);
    }

    private Span<byte> Unescape(ReadOnlySpan<byte> raw)
    {
        if (_names.Length - _namesLength < raw.Length)
            Array.Resize(ref _names, (_namesLength + raw.Length) * 2);
        var destination = _names.AsSpan(_namesLength);
        return JsonText.Unescape(raw, destination, out var written, out _) switch
        {
            EscapeFault.None => destination[..written],
            EscapeFault.LoneSurrogate => throw new JsonException("A string holds a lone surrogate."),
            _ => throw new JsonException("A string holds an invalid escape."),
        };
    }

    private void PlainString(ReadOnlySpan<byte> utf8)
    {
        var room = Room(utf8.Length + 2);
        room[0] = room[utf8.Length + 1] = (byte)'"';
        utf8.CopyTo(room[1..]);
        _length += utf8.Length + 2;
    }

    private void EscapedString(ReadOnlySpan<byte> utf8)
    {
        _length += Byte((byte)'"');
        while (utf8.IndexOfAny(JsonText.Escaped) is >= 0 and var at)
        {
            Literal(utf8[..at]);
            Escape(utf8[at]);
            utf8 = utf8[(at + 1)..];
        }

        Literal(utf8);
        _length += Byte((byte)'"');
    }

    private void Escape(byte value)
    {
        var room = Room(6);
        room[0] = (byte)'\\';
        room[1] = value switch
        {
            (byte)'\b' => (byte)'b',
            (byte)'\t' => (byte)'t',
            (byte)'\n' => (byte)'n',
            (byte)'\f' => (byte)'f',
            (byte)'\r' => (byte)'r',
            (byte)'"' or (byte)'\\' => value,
            _ => (byte)'u',
        };
        _length += 2;
        if (room[1] != 'u')
            return;
        "00"u8.CopyTo(room[2..]);
        room[4] = (byte)('0' + (value >> 4));
        room[5] = "0123456789abcdef"u8[value & 0xF];
        _length += 4;
    }

    private void Number(ReadOnlySpan<byte> literal)
    {
        if (IsCanonicalInteger(literal))
        {
            Literal(literal);
            return;
        }

        if (!double.TryParse(literal, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || !double.IsFinite(value))
            throw new JsonException("A number is too large for a double.");
        _length += EcmaScriptNumber.Format(value, Room(EcmaScriptNumber.MaxLength));
    }

    private static bool IsCanonicalInteger(ReadOnlySpan<byte> literal)
    {
        var digits = literal[0] == '-' ? literal[1..] : literal;
        if (digits.Length > 16 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        if (literal.Length > digits.Length && digits[0] == '0')
            return false;
        return digits.Length < 16
            || (Utf8Parser.TryParse(digits, out long value, out _) && value <= MaxExactInteger);
    }

    private int Byte(byte value)
    {
        Room(1)[0] = value;
        return 1;
    }

    private Span<byte> Room(int bytes)
    {
        if (_text.Length - _length < bytes)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + bytes));
        return _text.AsSpan(_length);
    }

    internal struct Member
    {
        internal int Start;
        internal int End;
        internal int NameAt;
        internal int NameLength;
        internal bool IsUnescaped;
    }

    private readonly record struct Frame(int FirstMember, int NamesLength);
}
