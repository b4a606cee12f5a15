using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace CrmLedger.Postgres;

/// <summary>What the home remembers: the port and the passwords, in a file that is its owner's only.</summary>
internal sealed record PostgresSecrets(
    int Port, string AdminPassword, string OwnerPassword, string ServerPassword, string LoaderPassword)
{
    /// <summary>
    /// Below the range from which systems take ports for outgoing connections, so that none of those sits on ours when
    /// the cluster is started again.
    /// </summary>
    private const int LowestPort = 20_000, HighestPort = 32_000;

    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public static PostgresSecrets? Load(PostgresHome home)
    {
        try
        {
            return JsonSerializer.Deserialize<PostgresSecrets>(File.ReadAllText(home.SecretsFile), s_format);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new EmbeddedPostgresException($"The passwords in {home.SecretsFile} belong to another user: "
                + $"{failure.Message} Run this as the user that serves the ledger.", failure);
        }
        catch (JsonException failure)
        {
            throw new EmbeddedPostgresException($"The file {home.SecretsFile} is damaged: {failure.Message} Remove it: "
                + "new passwords are made at the next start, and the ledger stays as it is.", failure);
        }
    }

    public static PostgresSecrets Generate() => new(0, Password(), Password(), Password(), Password());

    public void Save(PostgresHome home) =>
        UnixFiles.Replace(home.SecretsFile, JsonSerializer.Serialize(this, s_format) + "\n", UnixFiles.OwnerOnlyFile);

    /// <summary>With the port to use now. To be asked when no cluster of this home runs any more.</summary>
    /// <param name="wanted">The port that must be it, or null.</param>
    public PostgresSecrets WithPort(int? wanted)
    {
        if (wanted is { } port)
        {
            return IsFree(port) ? this with { Port = port } : throw new EmbeddedPostgresException(
                $"Port {port} of 127.0.0.1, on which the ledger's PostgreSQL should listen, is already in use. Stop "
                + "whatever listens there, choose another port, or choose none and a free one is taken.");
        }
        if (Port != 0 && IsFree(Port))
            return this;
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            int candidate = RandomNumberGenerator.GetInt32(LowestPort, HighestPort);
            if (IsFree(candidate))
                return this with { Port = candidate };
        }
        throw new EmbeddedPostgresException(
            $"No free port was found on 127.0.0.1 between {LowestPort} and {HighestPort}. Choose one.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Password() => RandomNumberGenerator.GetHexString(48, lowercase: true);
}
