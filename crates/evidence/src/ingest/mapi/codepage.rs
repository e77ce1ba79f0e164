//! Windows code pages by number, as the labels that charsets have elsewhere.

/// The label of a code page that `charset` decodes.
pub fn label(codepage: i64) -> Option<&'static str> {
    Some(match codepage {
        437 | 850 | 858 | 1252 | 28591 => "windows-1252",
        866 => "ibm866",
        874 => "windows-874",
        932 => "shift_jis",
        936 | 20936 | 52936 => "gbk",
        949 | 51949 => "euc-kr",
        950 => "big5",
        1200 => "utf-16le",
        1201 => "utf-16be",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1253 => "windows-1253",
        1254 | 28599 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        10000 => "macintosh",
        20127 => "us-ascii",
        20866 => "koi8-r",
        20932 | 51932 => "euc-jp",
        21866 => "koi8-u",
        28592 => "iso-8859-2",
        28594 => "iso-8859-4",
        28595 => "iso-8859-5",
        28596 => "iso-8859-6",
        28597 => "iso-8859-7",
        28598 | 38598 => "iso-8859-8",
        28605 => "iso-8859-15",
        50220..=50222 => "iso-2022-jp",
        54936 => "gb18030",
        65000 => "utf-7",
        65001 => "utf-8",
        _ => return None,
    })
}

/// The label for a character set of a font in RTF (`\fcharset`).
pub fn of_font(charset: i32) -> Option<&'static str> {
    let codepage = match charset {
        0 => 1252,
        77 => 10000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        255 => 437,
        _ => return None,
    };
    label(codepage)
}
