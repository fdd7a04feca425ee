//! What is wrong with a file before a word of it is parsed: its bytes, its name, its line ends.

use crate::{
    diagnostic::{Finding, Words, text::is_invisible},
    source::{Fault, MAX_BYTES, SourceFile, Span},
};
use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, is_nfc};

pub fn findings(file: &SourceFile) -> Vec<Finding> {
    let told = [fault(file), name(file), byte_order_mark(file), nul(file), carriage_return(file)];
    told.into_iter().flatten().collect()
}

/// The character that stands at a byte.
fn character(text: &str, at: usize) -> Range<usize> {
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// Why a file's text is not what was on disk, or not there at all.
pub fn fault(file: &SourceFile) -> Option<Finding> {
    let (code, at, message, fix) = match file.fault.as_ref()? {
        Fault::Encoding { at, likely } => return Some(encoding(file, *at as usize, *likely)),
        Fault::Unreadable(words) => (
            "document.unreadable",
            0..0,
            Words::new(format!("文件读不出来（{words}）"), format!("the file cannot be read ({words})")),
            Words::new("检查文件的权限，或它是否真是一份文件", "check the file’s permissions, and that it is a file at all"),
        ),
        Fault::Vanished => (
            "document.vanished",
            0..0,
            Words::new("文件列出时还在，读取时已经没有了", "the file was listed and was gone when it was read"),
            Words::new(
                "若非有意删除，请恢复它；若是链接，请改正所指的路径",
                "restore it if it was not removed on purpose; if it is a link, correct where it leads",
            ),
        ),
        Fault::Outside => (
            "document.outside",
            0..0,
            Words::new("符号链接指向档案之外", "the symbolic link leads out of the archive"),
            Words::new("把文件本身放进档案", "put the file itself into the archive"),
        ),
        Fault::Link => (
            "document.link",
            0..0,
            Words::new(
                "附件不能是符号链接，也不能在链接的文件夹里",
                "an attachment is no symbolic link, nor does it lie in a folder that is one",
            ),
            Words::new("把文件本身放在档案旁边", "put the file itself beside the record"),
        ),
        Fault::Circle => (
            "document.circle",
            0..0,
            Words::new("符号链接绕成了圈", "the symbolic link leads back to itself or to a folder above it"),
            Words::new("删去这个链接", "remove the link"),
        ),
        Fault::TooLarge(bytes) => (
            "document.too-large",
            0..0,
            Words::new(
                format!("文件有 {bytes} 字节，超过 {MAX_BYTES} 字节的上限"),
                format!("the file has {bytes} bytes; the limit is {MAX_BYTES}"),
            ),
            Words::new("把长篇内容分成几份，或作为附件存放", "divide it, or keep it as an attachment"),
        ),
    };
    Some(Finding::error(code, Span::new(file.id, at), message).with_fix(fix))
}

fn encoding(file: &SourceFile, at: usize, likely: Option<&str>) -> Finding {
    let message = match likely {
        Some(name) => Words::new(format!("文件不是 UTF-8 编码，看来是 {name}"), format!("the file is not in UTF-8; it looks like {name}")),
        None => Words::new("从这里起不是 UTF-8 编码", "from here on the file is not in UTF-8"),
    };
    let fix = match likely {
        Some(name) => Words::new(format!("以 {name} 打开，另存为 UTF-8"), format!("open it as {name} and save it as UTF-8")),
        None => Words::new("改正损坏的字，存为 UTF-8", "mend the damaged characters and save it as UTF-8"),
    };
    Finding::error("document.encoding", Span::new(file.id, character(&file.text, at)), message).with_fix(fix)
}

fn name(file: &SourceFile) -> Option<Finding> {
    let path = &*file.path.0;
    let composed = || path.nfc().collect::<String>();
    let (message, fix) = if path.contains(|c: char| c.is_control() || is_invisible(c)) {
        (
            Words::new(
                "文件名里有换行、控制字符或看不见的字符",
                "the file’s name has a line break, a control character or an invisible one in it",
            ),
            Words::new("换一个没有这些字符的名字", "give it a name without such characters"),
        )
    } else if path.contains(char::REPLACEMENT_CHARACTER) {
        (
            Words::new("文件名不是 UTF-8 编码", "the file’s name is not in UTF-8"),
            Words::new("换一个 UTF-8 编码的名字", "give it a name in UTF-8"),
        )
    } else if !is_nfc(path) {
        (
            Words::new(
                "文件名不是 Unicode 的 NFC 形式，看起来相同的名字可能指两份文件",
                "the file’s name is not in Unicode’s form NFC; two names that look the same may be two files",
            ),
            Words::new(format!("改名为“{}”（NFC）", composed()), format!("rename it to ‘{}’ (NFC)", composed())),
        )
    } else {
        return None;
    };
    Some(Finding::error("document.name", Span::new(file.id, 0..0), message).with_fix(fix))
}

fn byte_order_mark(file: &SourceFile) -> Option<Finding> {
    let message = Words::new("文件开头有字节顺序标记（BOM）", "the file begins with a byte-order mark");
    let fix = Words::new("存为不带 BOM 的 UTF-8", "save it as UTF-8 without a byte-order mark");
    let warning = Finding::warning("document.byte-order-mark", Span::new(file.id, 0..0), message).with_fix(fix);
    file.byte_order_mark.then_some(warning)
}

fn nul(file: &SourceFile) -> Option<Finding> {
    let at = file.text.find('\0')?;
    let count = file.text.bytes().filter(|&byte| byte == 0).count();
    let message = Words::new(format!("文中有空字符（NUL），共 {count} 个"), format!("the text has NUL characters in it: {count}"));
    let fix = Words::new("删去空字符；文件若已损坏，请从备份恢复", "remove them; if the file is damaged, restore it");
    Some(Finding::error("document.nul", Span::new(file.id, at..at + 1), message).with_fix(fix))
}

fn carriage_return(file: &SourceFile) -> Option<Finding> {
    let bytes = file.text.as_bytes();
    let at = (0..bytes.len()).find(|&i| bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n'))?;
    let message = Words::new("这一行只以回车（CR）结束", "this line ends with a carriage return alone");
    let fix = Words::new("把换行改为 LF", "end the lines with LF");
    Some(Finding::warning("document.line-ends", Span::new(file.id, at..at + 1), message).with_fix(fix))
}
