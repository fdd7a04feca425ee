//! Findings for the terminal: each with the line it is about, and a mark right under the place.

mod excerpt;
mod visible;

use super::{Finding, Lang, Severity, Words};
use crate::source::{Sources, Span};
use excerpt::Excerpt;
use std::{
    fmt::{self, Display},
    io::{self, Write},
};
pub use visible::{is_invisible, visible, width};

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
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (count(Severity::Error), count(Severity::Warning), lang) {
        (0, 0, Lang::Zh) => "没有发现问题".to_owned(),
        (0, 0, Lang::En) => "no findings".to_owned(),
        (errors, warnings, Lang::Zh) => format!("{errors} 个错误，{warnings} 个警告"),
        (errors, warnings, Lang::En) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
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
        let ink = if finding.severity == Severity::Error { Ink::Red } else { Ink::Yellow };
        let head = visible(&format!("{}[{}]", finding.severity.name(), finding.code));
        writeln!(out, "{}  {}", self.paint(ink, head), self.shown(&finding.message))?;
        if let Some(span) = finding.span {
            self.frame(out, span, ink)?;
        }
        for (span, words) in &finding.related {
            writeln!(out, "  {} {} {}", self.word("参见", "see"), self.place(*span), self.shown(words))?;
        }
        if let Some(citation) = &finding.citation {
            writeln!(out, "  {} {}", self.word("依据", "under"), visible(&citation.placed(self.lang)))?;
        }
        if let Some(fix) = &finding.fix {
            writeln!(out, "  {} {}", self.word("改法", "fix"), self.shown(fix))?;
        }
        Ok(())
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
