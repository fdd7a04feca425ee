//! `chancery policy print`: a policy as a page by itself, which prints as the paper that was issued: its prose with the figures filled in,
//! company, number, version, state and approvals, and on each page its number.

use super::super::{Outcome, Workplace, print, theme};
use crate::{access::Reader, render};
use anyhow::{Context, anyhow};
use std::io::Write;

pub(super) fn run(workplace: &Workplace, policy: &str) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let view = office.view(Reader::Everyone);
    let theme = theme::of_archive(workplace)?;
    let page = render::paper(policy, workplace.lang, &view, &theme)?;
    let page = page.ok_or_else(|| anyhow!("{}{policy}", workplace.say(["没有制度：", "there is no policy: "])))?;
    let style = render::page("/assets/style.css", &view, &theme, None)?.context("/assets/style.css")?;
    let (page, style) = (String::from_utf8(page.body)?, String::from_utf8(style.body)?);
    let mut out = print::words();
    write!(out.finished()?, "{}", alone(&page, &style))?;
    out.flush()?;
    Ok(Outcome::Clean)
}

/// The page with its style within, as it looks in print wherever it is shown.
fn alone(page: &str, style: &str) -> String {
    let style = format!("<style>{}\n.masthead img {{ display: none; }}</style>", style.replace("@media print", "@media all"));
    let is_sheet = |line: &&str| line.starts_with("<link rel=\"stylesheet\"");
    let of_site = |line: &&str| ["<link ", "<script", "<meta http-equiv"].iter().any(|tag| line.starts_with(tag));
    let lines = page.split_inclusive('\n').filter_map(|line| match line {
        line if is_sheet(&line) => Some(style.clone() + "\n"),
        line if of_site(&line) => None,
        line => Some(line.to_owned()),
    });
    lines.collect()
}
