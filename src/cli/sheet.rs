//! A page by itself, for `print` and `policy print`: its style within, and nothing of a site around
//! it.

use super::print;
use crate::{
    access::View,
    render::{self, Page, Theme},
};
use anyhow::Context;
use std::io::Write;

/// Writes it to standard output, as it looks in print wherever it is shown.
pub(super) fn write(page: Page, view: &View<'_>, theme: &Theme) -> anyhow::Result<()> {
    let style = render::page("/assets/style.css", view, theme, None)?.context("/assets/style.css")?;
    let (page, style) = (String::from_utf8(page.body)?, String::from_utf8(style.body)?);
    let mut out = print::words();
    write!(out.finished()?, "{}", alone(&page, &style))?;
    out.flush()?;
    Ok(())
}

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
