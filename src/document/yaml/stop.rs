//! Why reading came to a stop, in words for the person who wrote it.

use super::{MAX_DEPTH, MAX_NODES, place::YamlPlace};
use crate::diagnostic::{Finding, Words, text::code_point};
use granit_parser::ErrorKind;
use std::ops::Range;

#[derive(Clone, PartialEq, Debug)]
pub enum StopReason {
    Syntax(ErrorKind),
    SecondDocument,
    TooDeep,
    TooManyNodes,
    /// An alias inside the very node that it names.
    OwnAlias,
}

#[derive(Clone, Debug)]
pub struct YamlStop {
    pub reason: StopReason,
    pub at: usize,
    pub end: usize,
    /// From here on what was read may be the cause: the start of the last plain scalar, or the end
    /// of what else came last.
    pub doubtful: usize,
    /// The bracket that is open.
    pub open: Option<usize>,
}

/// What is wrong, and what to do.
type Told = (Words, Words);

impl YamlStop {
    /// An open quotation mark or a bound that was reached has nothing to do with the input method.
    pub fn may_be_a_slip(&self) -> bool {
        matches!(&self.reason, StopReason::Syntax(kind) if !matches!(kind, ErrorKind::UnclosedQuotedScalar | ErrorKind::RecursionLimitExceeded))
    }

    pub fn finding(&self, source: &str, place: YamlPlace<'_>) -> Finding {
        let (range, (message, fix)) = self.tell(source);
        let mut finding = Finding::error("document.yaml", place.span(range), message).with_fix(fix);
        if let (Some(open), true) = (self.open, self.is_about_brackets()) {
            finding.related.push((place.span(open..open + 1), Words::new("括号在这里打开", "the bracket is opened here")));
        }
        finding
    }

    fn is_about_brackets(&self) -> bool {
        use ErrorKind as E;
        let StopReason::Syntax(kind) = &self.reason else { return false };
        matches!(
            kind,
            E::InvalidColonPlacement
                | E::ExpectedFlowMappingSeparator
                | E::ExpectedFlowSequenceSeparator
                | E::UnexpectedEofFlowSequence
                | E::UnexpectedEofFlowMapping
                | E::UnexpectedEofImplicitFlowMapping
                | E::UnclosedFlowCollection { .. }
                | E::BlockEntryInFlowCollection
        )
    }

    fn tell(&self, source: &str) -> (Range<usize>, Told) {
        let here = here(source, self.at, self.end);
        match &self.reason {
            StopReason::Syntax(kind) => self.tell_syntax(kind, source, here),
            StopReason::SecondDocument => (
                here,
                (
                    Words::new("这里又开始了一个 YAML 文档", "a second YAML document begins here"),
                    Words::new("删去这一行“---”", "remove this line ‘---’"),
                ),
            ),
            StopReason::TooDeep => (here, too_deep()),
            StopReason::TooManyNodes => (
                here,
                (
                    Words::new(
                        format!("内容超过 {MAX_NODES} 个节点（别名展开的也算）"),
                        format!("there are more than {MAX_NODES} nodes (those that aliases stand for included)"),
                    ),
                    Words::new("删去别名，或把内容分成几份文件", "remove the aliases, or divide it into several documents"),
                ),
            ),
            StopReason::OwnAlias => (
                here,
                (
                    Words::new("别名指向包含它自己的内容", "the alias names what it stands in itself"),
                    Words::new("删去别名", "remove the alias"),
                ),
            ),
        }
    }

    fn tell_syntax(&self, kind: &ErrorKind, source: &str, here: Range<usize>) -> (Range<usize>, Told) {
        use ErrorKind as E;
        match kind {
            E::SimpleKeyExpected | E::InvalidSimpleKey => (content_of_line(source, self.at), no_colon(line_at(source, self.at))),
            E::MappingValueNotAllowed => self.unexpected_colon(source),
            _ if self.is_about_brackets() => (here, bracket()),
            E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => (
                here,
                (
                    Words::new("这个括号没有与之相配的", "this bracket has no counterpart"),
                    Words::new(
                        "删去它，或补上与之相配的括号；若是文字，给整个值加上引号",
                        "remove it, or write its counterpart; if it is text, put the whole value in quotation marks",
                    ),
                ),
            ),
            E::UnclosedQuotedScalar => (
                here,
                (
                    Words::new("引号没有关上", "the quotation mark is never closed"),
                    Words::new("在值的末尾补上同样的引号", "write the same mark at the end of the value"),
                ),
            ),
            E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => (
                here,
                (
                    Words::new("引号关上之后还有文字", "text follows the closing quotation mark"),
                    Words::new(
                        "用引号括住整个值；值里的单引号写两遍",
                        "put the whole value in quotation marks; a single one inside is written twice",
                    ),
                ),
            ),
            E::UnknownQuotedScalarEscape | E::InvalidQuotedScalarHexEscape => (
                here,
                (
                    Words::new("双引号里的反斜线写法无法识别", "the backslash in double quotation marks means nothing"),
                    Words::new("改用单引号，或把“\\”写成“\\\\”", "use single quotation marks, or write ‘\\\\’ for ‘\\’"),
                ),
            ),
            E::UnknownAnchor => (
                here,
                (
                    Words::new(
                        "以“*”开头的值是别名，而它所指的并不存在",
                        "a value that begins with ‘*’ is an alias, and there is nothing of that name",
                    ),
                    quote_it(),
                ),
            ),
            E::UnexpectedCharacter { character } => (here, unexpected(*character)),
            E::RecursionLimitExceeded => (here, too_deep()),
            E::ExpectedBlockMappingKey
            | E::ExpectedBlockSequenceEntry
            | E::InvalidIndentation
            | E::BlockSequenceEntryNotAllowed
            | E::InvalidBlockEntryWhitespace => (content_of_line(source, self.at), indentation()),
            other => (
                here,
                (
                    Words::new(format!("这里的写法不合 YAML（{other}）"), format!("this is not YAML ({other})")),
                    Words::new(
                        "写成“键: 值”；值里有特殊符号时，给整个值加上引号",
                        "write ‘key: value’; put a value with special characters in quotation marks",
                    ),
                ),
            ),
        }
    }

    /// A colon where none may stand: a line above it lacks its own, or it is indented too far, or a
    /// value has one in it.
    fn unexpected_colon(&self, source: &str) -> (Range<usize>, Told) {
        let (first, last) = (line_at(source, self.doubtful), line_at(source, self.at));
        let has_key = first.contains(": ") || first.trim_end().ends_with(':');
        let spans_lines = source.get(self.doubtful..self.at).is_some_and(|text| text.contains(['\n', '\r']));
        match (spans_lines, has_key) {
            (true, true) => (content_of_line(source, self.at), indentation()),
            (true, false) => (content_of_line(source, self.doubtful), no_colon(first)),
            (false, _) if last.matches(": ").count() > 1 => (
                here(source, self.at, self.at),
                (Words::new("值里又有“: ”，分不清哪里是键", "there is another ‘: ’ in the value; what is the key is unclear"), quote_it()),
            ),
            (false, _) => (content_of_line(source, self.at), indentation()),
        }
    }
}

fn too_deep() -> Told {
    (
        Words::new(format!("嵌套超过 {MAX_DEPTH} 层"), format!("it is nested more than {MAX_DEPTH} levels deep")),
        Words::new("减少层级", "use fewer levels"),
    )
}

fn no_colon(line: &str) -> Told {
    let key = line.trim().trim_start_matches("- ").split(':').next().unwrap_or_default();
    let message = Words::new("这一行不是“键: 值”", "this line is not ‘key: value’");
    if line.contains(':') && !key.is_empty() {
        return (message, Words::new(format!("在“{key}:”之后空一格"), format!("put a space after ‘{key}:’")));
    }
    (message, Words::new("写成“键: 值”，冒号用半角，后面空一格", "write ‘key: value’, with a plain colon and a space after it"))
}

fn indentation() -> Told {
    (
        Words::new("这一行的缩进与上文的层级不合", "the indentation of this line fits no level above it"),
        Words::new("同一层的各行对齐，用半角空格缩进", "align the lines of one level, with plain spaces"),
    )
}

fn bracket() -> Told {
    (
        Words::new("括号没有关上，或两项之间缺逗号", "a bracket is not closed, or a comma is missing between two entries"),
        Words::new("补上“]”或“}”，各项之间用半角逗号", "write the ‘]’ or ‘}’, and plain commas between the entries"),
    )
}

fn quote_it() -> Words {
    Words::new("若是文字，给整个值加上引号", "if it is text, put the whole value in quotation marks")
}

fn unexpected(character: char) -> Told {
    let shown = if character.is_control() { code_point(character) } else { character.to_string() };
    (Words::new(format!("这里不能有“{shown}”"), format!("‘{shown}’ may not stand here")), quote_it())
}

/// The range, or where it is empty the character that stands there.
fn here(source: &str, at: usize, end: usize) -> Range<usize> {
    let at = source.floor_char_boundary(at);
    let next = source[at..].chars().next().map_or(0, char::len_utf8);
    at..source.floor_char_boundary(end).max(at + next)
}

fn line_range(source: &str, at: usize) -> Range<usize> {
    let at = source.floor_char_boundary(at);
    let start = source[..at].rfind(['\n', '\r']).map_or(0, |i| i + 1);
    let end = source[at..].find(['\n', '\r']).map_or(source.len(), |i| at + i);
    start..end
}

fn line_at(source: &str, at: usize) -> &str {
    &source[line_range(source, at)]
}

fn content_of_line(source: &str, at: usize) -> Range<usize> {
    let range = line_range(source, at);
    let line = &source[range.clone()];
    let start = range.start + line.len() - line.trim_start().len();
    start..start + line.trim().len()
}
