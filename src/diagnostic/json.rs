//! Findings as JSON, one object a line. The keys and their order are a contract: `null` where there
//! is nothing to say.

use super::{Finding, Lang};
use crate::source::Sources;

use serde::Serialize;
use std::io::{self, Write};

/// Lines and columns are 1-based; columns count characters; the end is the first character that is
/// not meant.
#[derive(Serialize)]
struct Line<'f> {
    code: &'f str,
    severity: &'static str,
    state: &'static str,
    since: Option<String>,
    until: Option<String>,
    path: Option<&'f str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    record: Option<&'f str>,
    message: &'f str,
    policy: Option<&'f str>,
    article: Option<&'f str>,
    fix: Option<&'f str>,
    /// The note that tells how a breach of the past was dealt with.
    #[serde(skip_serializing_if = "Option::is_none")]
    dealt_with: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<&'f str>,
}

/// Writes every finding on a line of its own.
///
/// # Errors
/// Where `out` cannot be written to.
pub fn write(out: &mut impl Write, findings: &[Finding], sources: &Sources, lang: Lang) -> io::Result<()> {
    for finding in findings {
        serde_json::to_writer(&mut *out, &line(finding, sources, lang))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A finding as a JSON value.
pub fn object(finding: &Finding, sources: &Sources, lang: Lang) -> serde_json::Value {
    serde_json::to_value(line(finding, sources, lang)).unwrap_or_default()
}

fn line<'f>(finding: &'f Finding, sources: &'f Sources, lang: Lang) -> Line<'f> {
    let start = finding.span.map(|span| sources.position(span.file, span.start));
    let end = finding.span.map(|span| sources.position(span.file, span.end));
    let past = finding.state.ended();
    Line {
        code: &finding.code,
        severity: finding.severity.name(),
        state: finding.state.name(),
        since: finding.state.since().map(|day| day.to_string()),
        until: finding.state.until().map(|day| day.to_string()),
        path: finding.span.map(|span| &*sources.file(span.file).path.0),
        line: start.map(|at| at.line),
        column: start.map(|at| at.column),
        end_line: end.map(|at| at.line),
        end_column: end.map(|at| at.column),
        record: finding.record.as_ref().map(|id| &*id.0),
        message: finding.message.get(lang),
        policy: finding.citation.as_ref().map(|citation| &*citation.policy),
        article: finding.citation.as_ref().map(|citation| &*citation.article),
        fix: finding.fix.as_ref().map(|fix| fix.get(lang)),
        dealt_with: past.and_then(|past| past.dealt_with.as_ref()).map(|id| &*id.0),
        superseded_by: past.and_then(|past| past.superseded_by.as_ref()).map(|id| &*id.0),
    }
}
