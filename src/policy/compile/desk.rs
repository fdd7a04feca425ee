//! Where one block is read: the YAML tree goes in, values come out, and what is wrong is noted down
//! at its line and column. One mistake does not hide the next; a block with an error is switched
//! off by whoever asks [`Desk::failed`].

use super::{
    names::{Names, Reported},
    raw::RawBlock,
};
use crate::{
    diagnostic::{Citation, Finding, Severity, Words, nearest},
    document::Node,
    policy::{
        Field,
        expression::{ExpressionPlace, Schema},
    },
    source::{Sources, Span},
};
use chrono::NaiveDate;
use std::{cell::RefCell, sync::Arc};

/// The codes of what can be wrong with a policy.
pub(super) mod code {
    pub const FRONT_MATTER: &str = "policy.front-matter";
    pub const BLOCK: &str = "policy.block";
    pub const TYPE: &str = "policy.type";
    pub const EXPRESSION: &str = "policy.expression";
    pub const REFERENCE: &str = "policy.reference";
    pub const STATUS: &str = "policy.status";
    pub const DUPLICATE: &str = "policy.duplicate-id";
}

pub(super) struct Desk<'a> {
    pub sources: &'a Sources,
    /// The policy's id.
    pub policy: &'a str,
    pub citation: &'a Citation,
    /// The info string of the fence: pointed at where a key is missing.
    pub head: Span,
    /// The whole block.
    pub span: Span,
    pub schema: Schema<'a>,
    pub names: &'a Names,
    /// Names whose own declaration has a mistake: what follows from that is not told again.
    pub told: &'a Reported,
    /// The code of mistakes in the shape of what is read.
    pub shape: &'static str,
    findings: RefCell<Vec<Finding>>,
}

impl<'a> Desk<'a> {
    pub fn new(
        sources: &'a Sources,
        policy: &'a str,
        raw: &'a RawBlock,
        schema: Schema<'a>,
        names: &'a Names,
        told: &'a Reported,
    ) -> Desk<'a> {
        let RawBlock { citation, head, span, .. } = raw;
        let (shape, findings) = (code::BLOCK, RefCell::default());
        Desk { sources, policy, citation, head: *head, span: *span, schema, names, told, shape, findings }
    }

    /// The id of a block, with the policy's before it.
    pub fn full_id(&self, id: &str) -> Arc<str> {
        format!("{}.{id}", self.policy).into()
    }

    pub fn note(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    pub fn error(&self, code: &str, span: Span, message: Words) {
        self.note(Finding::error(code, span, message));
    }

    /// A name that is not known: with a suggestion where one is near, and without a word where its
    /// declaration has been told of.
    pub fn unknown<'k>(&self, code: &str, span: Span, name: &str, message: Words, known: impl IntoIterator<Item = &'k str>) {
        if self.told.contains(name) {
            self.note_consequence(code, span);
            return;
        }
        let finding = Finding::error(code, span, message);
        self.note(match nearest(name, known) {
            Some(meant) => finding.with_fix(write(meant)),
            None => finding,
        });
    }

    /// A field that is not known.
    pub fn unknown_field(&self, span: Span, name: &str, fields: &[Field]) {
        let message = Words::new(format!("没有字段“{name}”"), format!("there is no field “{name}”"));
        self.unknown(code::TYPE, span, name, message, fields.iter().map(|f| &*f.name));
    }

    /// Switches the block off without a word: the mistake that leads to this has been told where it
    /// was made.
    pub fn note_consequence(&self, code: &str, span: Span) {
        self.note(Finding::error(code, span, Words::default()));
    }

    pub fn failed(&self) -> bool {
        self.findings.borrow().iter().any(|f| f.severity == Severity::Error)
    }

    /// What there is to tell.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner().into_iter().filter(|f| f.message != Words::default()).collect()
    }
}

/// The mapping of a block, key by key.
impl Desk<'_> {
    /// Notes keys that are not known. False where it is no mapping at all.
    pub fn keys(&self, node: &Node, known: &[&str]) -> bool {
        if !node.is_map() {
            self.error(self.shape, node.span, Words::new("此处应为“键: 值”的形式", "a mapping (key: value) is expected here"));
            return false;
        }
        for (key, _) in node.entries().iter().filter(|(key, _)| !known.contains(&&*key.text)) {
            let message = Words::new(format!("没有“{}”这个键", key.text), format!("there is no key “{}” here", key.text));
            self.unknown(self.shape, key.span, &key.text, message, known.iter().copied());
        }
        true
    }

    /// The value of a key; a finding at `head` where it is missing or blank.
    pub fn required<'n>(&self, node: &'n Node, key: &str, head: Span) -> Option<&'n Node> {
        let found = node.get(key);
        match found {
            Some(value) if !value.is_blank() => return found,
            Some(value) => self.blank(key, value.span),
            None => {
                let fix = Words::new(format!("加一行“{key}: …”"), format!("add a line `{key}: …`"));
                let message = Words::new(format!("缺少“{key}”"), format!("“{key}” is missing"));
                self.note(Finding::error(self.shape, head, message).with_fix(fix));
            }
        }
        None
    }

    /// The value of a key that need not be there; a finding where it is written and blank.
    pub fn optional<'n>(&self, node: &'n Node, key: &str) -> Option<&'n Node> {
        let value = node.get(key)?;
        if value.is_blank() {
            self.blank(key, value.span);
            return None;
        }
        Some(value)
    }

    fn blank(&self, key: &str, span: Span) {
        self.error(self.shape, span, Words::new(format!("“{key}”没有值"), format!("“{key}” has no value")));
    }
}

/// Values of one scalar.
impl Desk<'_> {
    pub fn text(&self, node: &Node) -> Option<Arc<str>> {
        match node.text() {
            Some(text) if !text.trim().is_empty() => Some(text.trim().into()),
            _ => {
                self.error(self.shape, node.span, Words::new("此处应为一项文字", "a piece of text is expected here"));
                None
            }
        }
    }

    /// A name that may stand in a code and in an address.
    pub fn identifier(&self, node: &Node) -> Option<Arc<str>> {
        let text = self.text(node)?;
        if text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
            return Some(text);
        }
        let message = Words::new(
            format!("“{text}”不能作标识：只用字母、数字、汉字、“-”和“_”"),
            format!("“{text}” is no id: only letters, digits, “-” and “_” may stand in one"),
        );
        self.error(self.shape, node.span, message);
        None
    }

    pub fn date(&self, node: &Node) -> Option<NaiveDate> {
        let text = self.text(node)?;
        let date = parse_date(&text);
        if date.is_none() {
            let message = Words::new(format!("“{text}”不是日期（如 2026-03-01）"), format!("“{text}” is not a date (as 2026-03-01)"));
            self.error(self.shape, node.span, message);
        }
        date
    }

    pub fn count(&self, node: &Node) -> Option<u32> {
        let text = self.text(node)?;
        let count = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        if count.is_none() {
            self.error(self.shape, node.span, Words::new(format!("“{text}”不是整数"), format!("“{text}” is not a whole number")));
        }
        count
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, node: &Node, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == &*text) {
            return Some(*value);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message =
            Words::new(format!("“{text}”不在可选之列：{}", names.join("、")), format!("“{text}” is none of {}", names.join(", ")));
        self.unknown(self.shape, node.span, &text, message, names);
        None
    }

    pub fn severity(&self, node: &Node, default: Severity) -> Severity {
        let choices = [("error", Severity::Error), ("warning", Severity::Warning)];
        self.optional(node, "severity").and_then(|n| self.choice(n, &choices)).unwrap_or(default)
    }

    /// Words in both languages, or one word for both.
    pub fn words(&self, node: &Node) -> Option<Words> {
        if !node.is_map() {
            return self.text(node).map(|text| Words::new(&*text, &*text));
        }
        let (zh, en) = self.both(node)?;
        Some(Words::new(&*self.text(zh)?, &*self.text(en)?))
    }

    /// The two languages of something said. One is enough where an archive has but one: it then
    /// stands for the other too.
    pub fn both<'n>(&self, node: &'n Node) -> Option<(&'n Node, &'n Node)> {
        if !node.is_map() {
            return Some((node, node));
        }
        self.keys(node, &["zh", "en"]);
        let language = |key| node.get(key).filter(|words| !words.is_blank());
        match (language("zh"), language("en")) {
            (Some(zh), Some(en)) => Some((zh, en)),
            (Some(one), None) | (None, Some(one)) => Some((one, one)),
            (None, None) => {
                let message = Words::new("没有写任何文字：{zh: …, en: …}", "no words stand here: {zh: …, en: …}");
                self.error(self.shape, node.span, message);
                None
            }
        }
    }

    /// The items of a list; something that is no list is a list of one.
    pub fn items<'n>(&self, node: &'n Node) -> &'n [Node] {
        node.list().unwrap_or(std::slice::from_ref(node))
    }

    pub fn texts(&self, node: &Node) -> Vec<Arc<str>> {
        self.items(node).iter().filter_map(|item| self.text(item)).collect()
    }

    /// Where the text of a scalar stands: exactly where it was written on one line without escapes,
    /// else somewhere in the whole.
    pub fn place(&self, node: &Node, text: &str) -> ExpressionPlace {
        let written = self.sources.slice(node.span);
        let exact = (!text.contains('\n')).then(|| written.find(text)).flatten();
        ExpressionPlace { span: node.span, verbatim_from: exact.map(|at| node.span.start + at as u32) }
    }
}

/// The remedy for a misspelt name.
pub(super) fn write(meant: &str) -> Words {
    Words::new(format!("改为“{meant}”"), format!("write “{meant}”"))
}

/// A part of a text that stands in one piece.
pub(super) fn stretch(whole: Span, start: u32, length: usize) -> Span {
    Span { start, end: start + length as u32, ..whole }
}

pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    shape.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}
