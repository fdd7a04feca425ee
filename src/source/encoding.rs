//! Bytes as text. What is not UTF-8 is named where it can be, and decoded all the same, so that one
//! wrong setting of an editor gives one finding and not a hundred.

use super::Fault;
use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

pub(super) struct Decoded {
    pub text: String,
    pub fault: Option<Fault>,
    pub byte_order_mark: bool,
}

const UTF_8_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) fn decode(mut bytes: Vec<u8>) -> Decoded {
    if let Some(encoding) = utf_16(&bytes) {
        let (text, _) = encoding.decode_with_bom_removal(&bytes);
        return faulty(text.into_owned(), 0, Some(encoding.name()));
    }
    let byte_order_mark = bytes.starts_with(UTF_8_MARK);
    if byte_order_mark {
        bytes.drain(..UTF_8_MARK.len());
    }
    let decoded = String::from_utf8(bytes).map_or_else(|e| not_utf_8(e.as_bytes()), |text| Decoded { text, fault: None, byte_order_mark });
    Decoded { byte_order_mark, ..decoded }
}

fn faulty(text: String, at: usize, likely: Option<&'static str>) -> Decoded {
    Decoded { text, fault: Some(Fault::Encoding { at: at as u32, likely }), byte_order_mark: false }
}

fn not_utf_8(bytes: &[u8]) -> Decoded {
    let lossy = String::from_utf8_lossy(bytes);
    let foreign = lossy.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    let sound = lossy.chars().filter(|c| !c.is_ascii()).count() - foreign;
    // The bytes of damaged UTF-8 often make sense as GB18030 too; what is mostly sound is UTF-8.
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if foreign > sound => faulty(text.into_owned(), ascii_head(bytes), Some("GB18030")),
        _ => faulty(lossy.into_owned(), valid_head(bytes), None),
    }
}

fn ascii_head(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii()).count()
}

fn valid_head(bytes: &[u8]) -> usize {
    std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len)
}

/// UTF-16 by its byte-order mark; or without one, by its zeros: the ASCII of front matter gives one
/// in two bytes, always the same one.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|&&b| b == 0).count();
    let enough = |zeros: usize| zeros > 0 && zeros * 16 >= bytes.len();
    let encoding = match (zeros(0), zeros(1)) {
        (0, low) if enough(low) => UTF_16LE,
        (high, 0) if enough(high) => UTF_16BE,
        _ => return None,
    };
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|_| encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], text: &str, fault: Option<(u32, Option<&'static str>)>, mark: bool) {
        let decoded = decode(bytes.to_vec());
        assert_eq!(decoded.text, text);
        assert_eq!(decoded.fault, fault.map(|(at, likely)| Fault::Encoding { at, likely }));
        assert_eq!(decoded.byte_order_mark, mark);
    }

    fn utf_16_bytes(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn utf_8_stays_and_loses_its_mark() {
        check("客户".as_bytes(), "客户", None, false);
        check(b"\xEF\xBB\xBFa", "a", None, true);
        check(b"", "", None, false);
    }

    #[test]
    fn gb18030_is_named_and_read() {
        check(&GB18030.encode("name: 客户名称").0, "name: 客户名称", Some((6, Some("GB18030"))), false);
    }

    #[test]
    fn damaged_utf_8_is_not_taken_for_gb18030() {
        let mut bytes = "客户名称与信用".as_bytes().to_vec();
        bytes.remove(4);
        check(&bytes, "客\u{FFFD}名称与信用", Some((3, None)), false);
    }

    #[test]
    fn utf_16_is_known_by_its_mark_or_its_zeros() {
        let text = "---\nname: 客户\n---\n";
        let little = Some((0, Some("UTF-16LE")));
        check(&utf_16_bytes(text, u16::to_le_bytes), text, little, false);
        check(&utf_16_bytes(text, u16::to_be_bytes), text, Some((0, Some("UTF-16BE"))), false);
        check(&utf_16_bytes("\u{FEFF}客户", u16::to_le_bytes), "客户", little, false);
    }

    #[test]
    fn a_few_zeros_do_not_make_utf_16() {
        check(b"---\nname: a\0b\n---\nand much more of it", "---\nname: a\0b\n---\nand much more of it", None, false);
    }
}
