using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace CrmLedger.Server.OpenApi;

/// <summary>
/// The XML documentation that the compiler writes beside an assembly, as text for API clients. Where the file is
/// missing (somebody deployed the assemblies alone) descriptions are left out; nothing else depends on it.
/// </summary>
internal static partial class XmlDocs
{
    private const int TimeoutMs = 1000;

    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> s_files = new();

    /// <summary>A type's summary, or null.</summary>
    public static string? Of(Type type) => Find(type.Assembly, $"T:{NameOf(type)}", "summary");

    /// <summary>A property's summary (a record's parameter gives its property one), or null.</summary>
    public static string? Of(PropertyInfo property) => property.DeclaringType is { } type
        ? Find(type.Assembly, $"P:{NameOf(type)}.{property.Name}", "summary")
        : null;

    /// <summary>What one word of an enum means, or null.</summary>
    public static string? Of(Type type, string word) => Find(type.Assembly, $"F:{NameOf(type)}.{word}", "summary");

    private static string? Find(Assembly assembly, string member, string part)
    {
        var element = Members(assembly).GetValueOrDefault(member);
        if (element?.Element("inheritdoc")?.Attribute("cref")?.Value is { } other && other != member)
            return Find(assembly, other, part);
        return element?.Element(part) is { } text ? Flatten(text) : null;
    }

    private static Dictionary<string, XElement> Members(Assembly assembly) => s_files.GetOrAdd(assembly, Load);

    private static Dictionary<string, XElement> Load(Assembly assembly)
    {
        string file = Path.ChangeExtension(assembly.Location, ".xml");
        if (!File.Exists(file))
            return [];
        try
        {
            return XDocument.Load(file).Descendants("member")
                .ToDictionary(m => m.Attribute("name")?.Value ?? "", StringComparer.Ordinal);
        }
        catch (Exception unreadable) when (unreadable is XmlException or IOException or UnauthorizedAccessException
            or ArgumentException)
        {
            return []; // a description is not worth a server that does not start
        }
    }

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    private static string Flatten(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.DescendantNodes())
        {
            text.Append(node switch
            {
                XText { Parent.Name.LocalName: "c" } code => $"`{code.Value}`",
                XText plain => plain.Value,
                XElement { Name.LocalName: "paramref" } named => named.Attribute("name")?.Value,
                XElement { Name.LocalName: "see" } see => see.Attribute("cref")?.Value.Split('.')[^1],
                _ => null,
            });
        }
        return Blanks().Replace(text.ToString(), " ").Trim();
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, TimeoutMs)]
    private static partial Regex Blanks();
}
