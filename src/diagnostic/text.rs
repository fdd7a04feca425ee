//! Findings for the terminal: each with the line it is about, and a mark right under the place.

mod excerpt;
mod visible;

use super::{Finding, FindingState, Lang, Past, Severity, Words};
use crate::source::{Sources, Span};
use excerpt::Excerpt;
use std::{
    fmt::{self, Display},
    io::{self, Write},
};
pub use visible::{code_point, is_invisible, is_odd_space, visible, width};

/// Whether the reader is a terminal that shows colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Colour {
    #[default]
    Plain,
    Ansi,
}

/// Writes every finding, and how many there are.
///
/// # Errors
/// Where `out` cannot be written to.
pub fn write(out: &mut impl Write, findings: &[Finding], sources: &Sources, lang: Lang, colour: Colour) -> io::Result<()> {
    write_each(out, findings, sources, lang, colour)?;
    writeln!(out, "{}", summary(findings, lang))
}

/// Writes every finding, with a blank line behind each.
///
/// # Errors
/// Where `out` cannot be written to.
pub fn write_each(out: &mut impl Write, findings: &[Finding], sources: &Sources, lang: Lang, colour: Colour) -> io::Result<()> {
    let layout = Layout { sources, lang, colour };
    for finding in findings {
        layout.finding(out, finding)?;
        writeln!(out)?;
    }
    Ok(())
}

/// How many there are.
pub fn summary(findings: &[Finding], lang: Lang) -> String {
    let open = |finding: &&Finding| finding.state.ended().is_none();
    let count = |severity| findings.iter().filter(open).filter(|finding| finding.severity == severity).count();
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (count(Severity::Error), count(Severity::Warning), lang) {
        (0, 0, Lang::Zh) => "没有发现问题".to_owned(),
        (0, 0, Lang::En) => "no findings".to_owned(),
        (errors, warnings, Lang::Zh) => format!("{errors} 个错误，{warnings} 个警告"),
        (errors, warnings, Lang::En) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}

/// Which kind of finding it is: by its severity, or one of the past.
fn kind(finding: &Finding) -> &'static str {
    if finding.state.ended().is_some() { finding.state.name() } else { finding.severity.name() }
}

/// How many breaches of the past there are, for whoever has not asked for them; nothing where there
/// are none.
pub fn past_summary(past: &[Finding], lang: Lang) -> Option<String> {
    let dealt_with = past.iter().filter(|finding| finding.state.ended().is_some_and(|past| past.dealt_with.is_some())).count();
    let (zh, en) = match dealt_with {
        0 => (String::new(), String::new()),
        n => (format!("，其中 {n} 项已有处理说明"), format!(", {n} of them dealt with")),
    };
    let count = past.len();
    (count > 0).then(|| match lang {
        Lang::Zh => format!("另有 {count} 项违规已成过去{zh}；chancery check --past 逐项列出"),
        Lang::En => format!("{count} past breach{}{en}; chancery check --past lists them", if count == 1 { "" } else { "es" }),
    })
}

struct Layout<'s> {
    sources: &'s Sources,
    lang: Lang,
    colour: Colour,
}

impl Layout<'_> {
    fn finding(&self, out: &mut impl Write, finding: &Finding) -> io::Result<()> {
        if let Some(span) = finding.span {
            write!(out, "{}  ", self.paint(Ink::Bold, self.place(span)))?;
        }
        let ink = match (&finding.state, finding.severity) {
            (FindingState::Past(_), _) => Ink::Blue,
            (FindingState::Open { .. }, Severity::Error) => Ink::Red,
            (FindingState::Open { .. }, Severity::Warning) => Ink::Yellow,
        };
        let head = visible(&format!("{}[{}]", kind(finding), finding.code));
        writeln!(out, "{}  {}", self.paint(ink, head), self.shown(&finding.message))?;
        if let Some(span) = finding.span {
            self.frame(out, span, ink)?;
        }
        for (span, words) in &finding.related {
            writeln!(out, "  {} {} {}", self.word("参见", "see"), self.place(*span), self.shown(words))?;
        }
        if let Some(past) = finding.state.ended() {
            writeln!(out, "  {} {}", self.word("起止", "when"), visible(self.when(past).get(self.lang)))?;
        }
        if let Some(citation) = &finding.citation {
            writeln!(out, "  {} {}", self.word("依据", "under"), visible(&citation.placed(self.lang)))?;
        }
        if let Some(fix) = &finding.fix {
            writeln!(out, "  {} {}", self.word("改法", "fix"), self.shown(fix))?;
        }
        Ok(())
    }

    /// From when until when it was so, and what ended it.
    fn when(&self, past: &Past) -> Words {
        let since = past.since.map_or_else(|| Words::new("……", "…"), |day| Words::new(day.to_string(), day.to_string()));
        let mut words = Words::new(format!("{} 至 {}", since.zh, past.until), format!("{} to {}", since.en, past.until));
        let ended =
            [(&past.superseded_by, "，已由 {} 取代", "; superseded by {}"), (&past.dealt_with, "，已由 {} 处理", "; dealt with by {}")];
        for (by, zh, en) in ended {
            if let Some(by) = by {
                words.zh += &zh.replace("{}", &by.0);
                words.en += &en.replace("{}", &by.0);
            }
        }
        words
    }

    fn frame(&self, out: &mut impl Write, span: Span, ink: Ink) -> io::Result<()> {
        let file = self.sources.file(span.file);
        if file.text.is_empty() {
            return Ok(());
        }
        let number = file.position(span.start).line;
        let line = file.line(number);
        let excerpt = Excerpt::of(
            &file.text[line.clone()],
            (span.start as usize).saturating_sub(line.start)..(span.end as usize).saturating_sub(line.start),
        );
        let number = number.to_string();
        let gutter = self.paint(Ink::Blue, format!("  {number} │"));
        let between = if excerpt.words.is_empty() { "" } else { " " };
        writeln!(out, "{gutter}{between}{}", excerpt.words)?;
        let gutter = self.paint(Ink::Blue, format!("  {} │", " ".repeat(number.len())));
        writeln!(out, "{gutter} {}{}", " ".repeat(excerpt.before), self.paint(ink, "^".repeat(excerpt.marked)))
    }

    fn place(&self, span: Span) -> String {
        let at = self.sources.position(span.file, span.start);
        format!("{}:{}:{}", visible(&self.sources.file(span.file).path.0), at.line, at.column)
    }

    fn word(&self, zh: &'static str, en: &'static str) -> impl Display {
        self.paint(Ink::Green, if self.lang == Lang::Zh { zh } else { en }.to_owned())
    }

    /// Words may quote what was written, line ends and all.
    fn shown(&self, words: &Words) -> String {
        visible(words.get(self.lang))
    }

    fn paint(&self, ink: Ink, words: String) -> Painted {
        Painted { ink: (self.colour == Colour::Ansi).then_some(ink), words }
    }
}

#[derive(Clone, Copy)]
enum Ink {
    Bold,
    Red,
    Yellow,
    Green,
    Blue,
}

impl Ink {
    /// The parameters of "select graphic rendition" (ECMA-48).
    fn parameters(self) -> &'static str {
        match self {
            Ink::Bold => "1",
            Ink::Red => "1;31",
            Ink::Yellow => "1;33",
            Ink::Green => "32",
            Ink::Blue => "34",
        }
    }
}

struct Painted {
    ink: Option<Ink>,
    words: String,
}

impl Display for Painted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ink {
            Some(ink) => write!(f, "\x1b[{}m{}\x1b[0m", ink.parameters(), self.words),
            None => f.write_str(&self.words),
        }
    }
}
