using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.Cli.Import;

/// <summary>
/// A file on disk as it is when an import begins: its hash makes the same bytes the same import. It is read again to be
/// sent, and hashed again by the way, so that an import never stands for bytes that were not sent.
/// </summary>
internal sealed class SourceFile
{
    private readonly string _path;
    private readonly LineFault? _fault;

    private SourceFile(string path, string sha256, long rows, LineFault? fault) =>
        (_path, Sha256, Rows, _fault) = (path, sha256, rows, fault);

    /// <summary>The SHA-256 of its bytes, lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>Its lines that are not blank.</summary>
    public long Rows { get; }

    private sealed record LineFault(long Line, string Reason);

    /// <exception cref="CliFailure">It cannot be read, or only once.</exception>
    public static async Task<SourceFile> MeasureAsync(string path, CancellationToken ct)
    {
        using var reading = new Reading(path);
        long rows = 0;
        LineFault? fault = null;
        await foreach (var line in FileLines.PartAsync(reading.ReadAsync, ct))
        {
            if (Fault(line) is { } reason)
                fault ??= new(line.Number, reason);
            if (!line.IsBlank)
                rows++;
        }
        return new(path, reading.Sha256(), rows, fault);
    }

    /// <summary>Why the line cannot be read as text, or null.</summary>
    public static string? Fault(FileLine line) => line switch
    {
        { IsTooLong: true } => $"The line is longer than {FileLines.Longest} bytes.",
        { IsUtf8: false } => "The line is not UTF-8. Convert the file first, for example with "
            + "`iconv -f WINDOWS-1252 -t UTF-8 FILE > FILE.utf8`.",
        _ => null,
    };

    /// <summary>Reads all of it as text before anything is sent.</summary>
    /// <exception cref="CliFailure">It is not UTF-8, cannot be read, or is another file by now.</exception>
    public T Parse<T>(Func<TextReader, T> parse)
    {
        if (_fault is { } fault)
        {
            throw new CliFailure(ExitCode.Failed,
                $"Line {fault.Line} of {_path} cannot be read. {fault.Reason} Nothing was sent.");
        }
        using var reading = new Reading(_path);
        try
        {
            using var text = new StreamReader(
                reading.Bytes, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
            var parsed = parse(text);
            CheckIsSame(reading);
            return parsed;
        }
        catch (IOException broken)
        {
            throw Reading.Unreadable(_path, broken);
        }
    }

    /// <summary>Its lines to be sent, one at a time; after the last one it must prove to be the same file.</summary>
    public async IAsyncEnumerable<FileLine> LinesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var reading = new Reading(_path);
        await foreach (var line in FileLines.PartAsync(reading.ReadAsync, ct))
            yield return line;
        CheckIsSame(reading);
    }

    private void CheckIsSame(Reading reading)
    {
        if (reading.Sha256() != Sha256)
        {
            throw new CliFailure(ExitCode.Failed,
                $"{_path} changed while it was imported, so this import is not completed. Import a file that nobody "
                + "writes to.");
        }
    }

    /// <summary>One pass over the file, hashed.</summary>
    private sealed class Reading : IDisposable
    {
        private readonly string _path;
        private readonly SHA256 _hash = SHA256.Create();

        public Reading(string path)
        {
            _path = path;
            Bytes = new CryptoStream(Open(path), _hash, CryptoStreamMode.Read);
        }

        public CryptoStream Bytes { get; }

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct)
        {
            try
            {
                return await Bytes.ReadAsync(buffer, ct);
            }
            catch (IOException broken)
            {
                throw Unreadable(_path, broken);
            }
        }

        /// <summary>The hash of everything, after the end has been read.</summary>
        public string Sha256() => Convert.ToHexStringLower(_hash.Hash!);

        public void Dispose()
        {
            Bytes.Dispose();
            _hash.Dispose();
        }

        public static CliFailure Unreadable(string path, Exception why) =>
            new(ExitCode.Failed, $"{path} cannot be read: {Sentences.Ended(why.Message)}", why);

        private static FileStream Open(string path)
        {
            FileStream file;
            try
            {
                file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16,
                    FileOptions.SequentialScan | FileOptions.Asynchronous);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(path, refused);
            }
            if (file.CanSeek)
                return file;
            file.Dispose();
            throw new CliFailure(ExitCode.Usage,
                $"FILE must be a regular file: {path} can be read only once, and an import reads its file twice. "
                + "Write it to a file first.");
        }
    }
}
