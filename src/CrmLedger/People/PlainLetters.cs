using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace CrmLedger.People;

/// <summary>
/// Text as it is compared without regard to case and diacritics. Written out here, because it must be the same on every
/// machine: the ledger runs without the cultures of the one that it is on, and so without Unicode's decompositions.
/// </summary>
internal static class PlainLetters
{
    /// <summary>A letter, then those that are it with a sign more: capitals, and small letters without.</summary>
    private static readonly string[] s_marked =
    [
        "AÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ", "BḂḄḆ", "CÇĆĈĊČḈ", "DÐĎĐḊḌḎḐḒ", "EÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ", "FḞ",
        "GĜĞĠĢǦǴḠ", "HĤĦȞḢḤḦḨḪẖ", "IÌÍÎÏĨĪĬĮİıǏȈȊḬḮỈỊ", "JĴǰ", "KĶǨḰḲḴ",
        "LĹĻĽĿŁḶḸḺḼ", "MḾṀṂ", "NÑŃŅŇǸṄṆṈṊ",
        "OÒÓÔÕÖØŌŎŐƠǑǪǬǾȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ", "PṔṖ", "RŔŖŘȐȒṘṚṜṞ", "SŚŜŞŠȘṠṢṤṦṨ", "TŢŤŦȚṪṬṮṰẗ",
        "UÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ", "VṼṾ", "WŴẀẂẄẆẈẘ", "XẊẌ", "YÝŶŸȲẎẙỲỴỶỸ", "ZŹŻŽẐẒẔ", "ÆǢǼ", "ƷǮ",
        "ΑΆ", "ΕΈ", "ΗΉ", "ΙΊΐΪ", "ΟΌ", "ΥΎΫΰ", "ΩΏ",
        "ІЇ", "АӐӒ", "ГЃ", "ЕЀЁӖ", "ЖӁӜ", "ЗӞ", "ИЍЙӢӤ", "КЌ", "ОӦ", "УЎӮӰӲ", "ЧӴ", "ЫӸ", "ЭӬ", "ѴѶ", "ӘӚ", "ӨӪ",
    ];

    private static readonly FrozenDictionary<char, char> s_plain = s_marked
        .SelectMany(letters => letters.Skip(1).Select(marked => (marked, letters[0])))
        .ToFrozenDictionary(pair => pair.marked, pair => pair.Item2);

    /// <summary>The text in plain capitals.</summary>
    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
            return text.ToUpperInvariant();
        var plain = new StringBuilder(text.Length);
        foreach (char letter in text.ToUpperInvariant())
        {
            // A sign may also be a character of its own, after its letter.
            if (CharUnicodeInfo.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark)
                continue;
            char bare = s_plain.GetValueOrDefault(letter, letter);
            _ = bare switch
            {
                'ß' or 'ẞ' => plain.Append("SS"),
                'Æ' => plain.Append("AE"),
                'Œ' => plain.Append("OE"),
                _ => plain.Append(bare),
            };
        }
        return plain.ToString();
    }
}
