namespace CrmLedger.Tests.HouseRules;

/// <summary>A file that people write: of src and tests, without what tools make.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public static IReadOnlyList<SourceFile> CSharp { get; } = [.. Of("src", "*.cs"), .. Of("tests", "*.cs")];

    /// <summary>The pages and the second verifier, without the client's types, which are made from the API.</summary>
    public static IReadOnlyList<SourceFile> Web { get; } =
    [
        .. new[] { "*.ts", "*.tsx", "*.css" }.SelectMany(pattern => new[] { "src", "tests" }.SelectMany(
            folder => Of(folder, pattern))).Where(f => !f.Path.EndsWith("/schema.d.ts", StringComparison.Ordinal)),
    ];

    public string[] Lines => Text.Split('\n');

    public static IEnumerable<SourceFile> Of(string folder, string pattern) => Directory
        .EnumerateFiles(Checkout.PathTo(folder), pattern, SearchOption.AllDirectories)
        .Select(path => System.IO.Path.GetRelativePath(Checkout.Root, path).Replace('\\', '/'))
        .Where(path => !path.Split('/').Any(part => part is "obj" or "bin" or "node_modules" or "wwwroot" or "dist"))
        .Order()
        .Select(path => new SourceFile(path, File.ReadAllText(Checkout.PathTo(path))));
}
