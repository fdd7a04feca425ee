//! `chancery policy print`: a policy as a page by itself, which prints as the paper that was
//! issued: its prose with the figures filled in, company, number, version, state and approvals, and
//! on each page its number.

use super::super::{Outcome, Workplace, sheet, theme};
use crate::{access::Reader, render};
use anyhow::anyhow;

pub(super) fn run(workplace: &Workplace, policy: &str) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let view = office.view(Reader::Everyone);
    let theme = theme::of_archive(workplace)?;
    let page = render::paper(policy, workplace.lang, &view, &theme)?;
    let page = page.ok_or_else(|| anyhow!("{}{policy}", workplace.say(["没有制度：", "there is no policy: "])))?;
    sheet::write(page, &view, &theme)?;
    Ok(Outcome::Clean)
}
