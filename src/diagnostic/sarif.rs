//! Findings as SARIF 2.1.0 (OASIS), for the editors and services that read it.

use super::{Citation, Finding, Lang, Past};
use crate::source::{ArchivePath, Sources, Span};
use chrono::NaiveDate;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What a relative reference may have as it stands (RFC 3986).
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes one log of one run.
///
/// # Errors
/// Where `out` cannot be written to.
pub fn write(out: &mut impl Write, findings: &[Finding], sources: &Sources, lang: Lang) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(findings, sources, lang))?;
    out.write_all(b"\n")
}

fn log(findings: &[Finding], sources: &Sources, lang: Lang) -> Value {
    let rules = rules(findings);
    let results: Vec<_> = findings.iter().map(|finding| result(finding, &rules, sources, lang)).collect();
    let rules: Vec<_> = rules.into_values().map(|(_, finding)| rule(finding, lang)).collect();
    let driver = json!({"name": "chancery", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    let run = json!({
        "tool": {"driver": driver},
        "language": if lang == Lang::Zh { "zh-CN" } else { "en" },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
}

/// Every code once, in the order of the alphabet, with its number and the first finding that has
/// it.
fn rules(findings: &[Finding]) -> BTreeMap<&str, (usize, &Finding)> {
    let mut rules = BTreeMap::new();
    for finding in findings {
        rules.entry(&*finding.code).or_insert((0, finding));
    }
    for (index, (number, _)) in rules.values_mut().enumerate() {
        *number = index;
    }
    rules
}

fn rule(finding: &Finding, lang: Lang) -> Value {
    let citation = finding.citation.as_ref();
    let text = citation.map_or_else(|| finding.message.get(lang).to_owned(), |citation| under(citation, lang));
    let markdown = citation.map_or_else(|| text.clone(), |citation| format!("[{text}]({})", address(citation)));
    json!({
        "id": &*finding.code,
        "shortDescription": {"text": finding.message.get(lang)},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": finding.severity.name()},
    })
}

fn under(citation: &Citation, lang: Lang) -> String {
    let under = if lang == Lang::Zh { "依据" } else { "under " };
    format!("{under}{}", citation.named(lang))
}

fn result(finding: &Finding, rules: &BTreeMap<&str, (usize, &Finding)>, sources: &Sources, lang: Lang) -> Value {
    let locations: Vec<_> = finding.span.map(|span| location(span, sources)).into_iter().collect();
    let mut result = json!({
        "ruleId": &*finding.code,
        "ruleIndex": rules[&*finding.code].0,
        "level": finding.severity.name(),
        "message": message(finding, lang),
        "locations": locations,
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().map(|(span, words)| {
            let mut place = location(*span, sources);
            place["message"] = json!({"text": words.get(lang)});
            place
        });
        result["relatedLocations"] = related.collect();
    }
    let state = &finding.state;
    let mut properties = json!({"state": state.name()});
    let named = [
        ("record", finding.record.as_ref().map(|id| id.0.to_string())),
        ("since", written(state.since())),
        ("until", written(state.until())),
    ];
    for (name, value) in named {
        properties.as_object_mut().into_iter().for_each(|known| known.extend(value.clone().map(|value| (name.to_owned(), value.into()))));
    }
    result["properties"] = properties;
    if let Some(past) = state.ended() {
        // It is in no later run as something to mend (3.27.24), and whoever counts leaves it out
        // (3.35).
        result["baselineState"] = json!("absent");
        result["suppressions"] = json!([suppression(past, lang)]);
    }
    result
}

fn written(day: Option<NaiveDate>) -> Option<String> {
    day.map(|day| day.to_string())
}

/// Why what is over is not to be mended: somebody has dealt with it, or it cannot be undone.
fn suppression(past: &Past, lang: Lang) -> Value {
    let by = past.dealt_with.as_ref().or(past.superseded_by.as_ref());
    let why = match (by, lang) {
        (Some(by), Lang::Zh) => format!("已由 {by} 处理"),
        (Some(by), Lang::En) => format!("dealt with by {by}"),
        (None, Lang::Zh) => format!("{} 已结束", past.until),
        (None, Lang::En) => format!("over on {}", past.until),
    };
    json!({"kind": "external", "status": if by.is_some() { "accepted" } else { "underReview" }, "justification": why})
}

/// What is wrong, which article says so, and what to do.
fn message(finding: &Finding, lang: Lang) -> Value {
    let message = finding.message.get(lang);
    let fix = finding.fix.as_ref().map(|fix| match lang {
        Lang::Zh => format!("改法：{}", fix.get(lang)),
        Lang::En => format!("fix: {}", fix.get(lang)),
    });
    let cited = finding.citation.as_ref().map(|citation| under(citation, lang));
    let linked = finding.citation.as_ref().map(|citation| format!("[{}]({})", under(citation, lang), address(citation)));
    let join = |cited: Option<String>, between: &str| {
        let parts: Vec<_> = [Some(message.to_owned()), cited, fix.clone()].into_iter().flatten().collect();
        parts.join(between)
    };
    json!({"text": join(cited, "\n"), "markdown": join(linked, "\n\n")})
}

fn location(span: Span, sources: &Sources) -> Value {
    let start = sources.position(span.file, span.start);
    let end = sources.position(span.file, span.end);
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&sources.file(span.file).path)},
            "region": {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column},
        },
    })
}

/// The article in the policy's file; its key is its anchor.
fn address(citation: &Citation) -> String {
    format!("{}#{}", uri(&citation.path), utf8_percent_encode(&citation.article, IN_PATHS))
}

fn uri(path: &ArchivePath) -> String {
    utf8_percent_encode(&path.0, IN_PATHS).to_string()
}
