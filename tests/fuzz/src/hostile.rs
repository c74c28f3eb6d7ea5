//! What somebody may put into a message who means no good, or whose program is wrong.

use fastrand::Rng;

use crate::canary;

/// Values of JSON, and what is nearly one.
const VALUES: [&str; 62] = [
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "[[[]]]",
    "\"\"",
    "0",
    "-0",
    "-1",
    "-8",
    "25",
    "8.5",
    "1e-9",
    "0.1",
    "1e1",
    "1e308",
    "1e400",
    "-1e400",
    "NaN",
    "-Infinity",
    "+1",
    "01",
    ".5",
    "5.",
    "0x10",
    "9007199254740993",
    "-9223372036854775809",
    "18446744073709551616",
    "1745500706683617281",
    "79228162514264337593543950336",
    "0.00000000000000000000000000001",
    "1.00000000000000000000000000001",
    "\"8,5\"",
    "\"NaN\"",
    "\"1e400\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u202egnp.exe\"",
    "\"=cmd|'/C calc'!A0\"",
    "\"@SUM(1)\"",
    "\"line\\r\\nnext\"",
    "\"../../etc/passwd\"",
    "\"https://169.254.169.254/latest/\"",
    "\"é\"",
    "\"e\\u0301\"",
    "\"2026-02-29\"",
    "\"2026-03-29T02:30:00\"",
    "\"2026-10-25T02:30:00+01:00\"",
    "\"2026-12-31T23:59:60Z\"",
    "\"0001-01-01\"",
    "\"9999-12-31T23:59:59.999999999Z\"",
    "\"-009999-01-01T00:00:00Z\"",
    "\"2026-01-01T00:00:00+14:00\"",
    "\"2026-01-01T00:00:00-14:01\"",
    "\"/Date(-62135596800000)/\"",
    "\"/Date(99999999999999999999)/\"",
    "\"PT99999999999999999999H\"",
    "\"PT-8H\"",
    "\"Approved\"",
    "\"approved \"",
];

/// Pieces that stand anywhere.
const PIECES: [&str; 30] = [
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{2066}",
    "\u{1f469}\u{200d}\u{1f680}",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    ",",
    ",,",
    ":",
    "{",
    "}",
    "[",
    "]",
    "}{",
    "\n",
    "\r\n",
    "//",
    "/*",
    "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>",
    "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
    "&c;",
    "&#0;",
    "&#x110000;",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.1\" encoding=\"UTF-16\"?>",
    "<a xmlns:b=''><b:c/></a>",
];

/// Bytes that are no text.
const NO_TEXT: [&[u8]; 5] = [
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\x80",
    b"\xf4\x90\x80\x80",
];

/// How deep something may be nested: about the limit of ours, of others, and far beyond.
const DEPTHS: [usize; 9] = [2, 31, 32, 33, 127, 128, 129, 5_000, 60_000];

/// A value, among them one that must never be told.
pub fn value(dice: &mut Rng) -> Vec<u8> {
    match dice.u8(0..12) {
        0 | 1 => format!("\"{}\"", canary::TEXT).into_bytes(),
        2 => canary::NUMBER.as_bytes().to_vec(),
        3 => nested(dice),
        4 => digits(dice),
        5 => quoted(&"x".repeat(dice.usize(0..2_000))),
        _ => VALUES[dice.usize(0..VALUES.len())].as_bytes().to_vec(),
    }
}

/// A piece that stands anywhere.
pub fn piece(dice: &mut Rng) -> Vec<u8> {
    match dice.u8(0..8) {
        0 => NO_TEXT[dice.usize(0..NO_TEXT.len())].to_vec(),
        1 => value(dice),
        _ => PIECES[dice.usize(0..PIECES.len())].as_bytes().to_vec(),
    }
}

/// A text for a header or an address.
pub fn text(dice: &mut Rng) -> String {
    match dice.u8(0..6) {
        0 => String::new(),
        1 => canary::TEXT.to_owned(),
        2 => String::from_utf8_lossy(&digits(dice)).into_owned(),
        3 => "=,".repeat(dice.usize(0..200)),
        4 => (0..dice.usize(0..64))
            .map(|_| dice.char(' '..='~'))
            .collect(),
        _ => String::from_utf8_lossy(&piece(dice)).into_owned(),
    }
}

fn quoted(text: &str) -> Vec<u8> {
    format!("\"{text}\"").into_bytes()
}

fn digits(dice: &mut Rng) -> Vec<u8> {
    (0..dice.usize(1..60))
        .map(|_| dice.u8(b'0'..=b'9'))
        .collect()
}

fn nested(dice: &mut Rng) -> Vec<u8> {
    let depth = DEPTHS[dice.usize(0..DEPTHS.len())];
    // Also without an end.
    let closed = if dice.bool() { depth } else { 0 };
    match dice.u8(0..3) {
        0 => ["[".repeat(depth), "]".repeat(closed)].concat(),
        1 => ["{\"a\":".repeat(depth), "1".to_owned(), "}".repeat(closed)].concat(),
        _ => ["<a>".repeat(depth), "</a>".repeat(closed)].concat(),
    }
    .into_bytes()
}
