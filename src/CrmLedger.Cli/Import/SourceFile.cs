using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.Cli.Import;

/// <summary>A file on disk: its hash, which makes the same bytes the same import, and its text.</summary>
internal static class SourceFile
{
    /// <summary>The SHA-256 of the file's bytes, lower-case hexadecimal, and how many lines it has.</summary>
    public static async Task<(string Sha256, long Lines)> MeasureAsync(string path, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = Open(path);
        byte[] block = new byte[1 << 20];
        long lines = 0;
        byte last = (byte)'\n';
        int read;
        while ((read = await file.ReadAsync(block, ct)) > 0)
        {
            hash.AppendData(block, 0, read);
            lines += block.AsSpan(0, read).Count((byte)'\n');
            last = block[read - 1];
        }
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), last == '\n' ? lines : lines + 1);
    }

    /// <summary>The file as UTF-8 text; a byte order mark is left out.</summary>
    public static StreamReader Text(string path) => new(Open(path), Encoding.UTF8);

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16,
            FileOptions.SequentialScan | FileOptions.Asynchronous);
}
