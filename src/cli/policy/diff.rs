//! `chancery policy diff`: what a draft would change.

use super::{
    super::{
        Outcome, Workplace,
        columns::columns,
        print::{self, Output, colour},
    },
    kind,
};
use crate::{
    check::{Amendment, Proposed, Told, amend},
    diagnostic::text::{self, visible},
    policy::{Change, Policy, Status},
    source::MAX_BYTES,
};
use anyhow::Context;
use std::{
    fs::File,
    io::{Read, Write},
};

pub(super) fn run(workplace: &Workplace, draft: &str, lines: bool) -> anyhow::Result<Outcome> {
    let proposed = Proposed { shown: draft, bytes: read(draft).with_context(|| draft.to_owned())? };
    let amendment = amend(&workplace.sources()?, &workplace.settings, workplace.today()?, &proposed);
    let mut out = print::words_or_data(lines);
    if lines {
        amendment.json(workplace.lang).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    } else {
        Layout { workplace, draft }.tell(&mut out, &amendment)?;
    }
    out.flush()?;
    Ok(if amendment.has_errors() { Outcome::Findings } else { Outcome::Clean })
}

/// No more than is needed to see that it is too large.
pub(super) fn read(path: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Layout<'a> {
    workplace: &'a Workplace,
    draft: &'a str,
}

impl Layout<'_> {
    fn tell(&self, out: &mut Output, amendment: &Amendment) -> std::io::Result<()> {
        if let Some(draft) = &amendment.draft {
            writeln!(out, "{}\n", visible(&self.head(amendment, draft)))?;
        }
        self.findings(out, ["草案有误", "Mistakes in the draft"], &amendment.mistakes)?;
        let Some(_) = amendment.draft else { return Ok(()) };
        self.rows(out, ["条款", "Articles"], self.articles(amendment))?;
        self.rows(out, ["机器条款", "Blocks"], self.blocks(amendment))?;
        self.rows(out, ["可调数值", "Settings"], self.settings(amendment))?;
        if amendment.difference.is_empty() {
            writeln!(out, "{}\n", self.say(["条款、机器条款和数值都没有不同", "No article, block or setting differs"]))?;
        }
        self.findings(out, ["新出现的问题", "Findings that would be new"], &amendment.begun)?;
        self.findings(out, ["不再出现的问题", "Findings that would cease"], &amendment.ended)?;
        let (begun, ended) = (self.sum(&amendment.begun), self.sum(&amendment.ended));
        let words = [&*format!("新出现：{begun}；不再出现：{ended}"), &*format!("new: {begun}; ceased: {ended}")];
        writeln!(out, "{}", self.say(words))
    }

    /// What is compared with what.
    fn head(&self, amendment: &Amendment, draft: &Policy) -> String {
        let (file, day, title) = (self.draft, &amendment.effective, &draft.title);
        let Some(present) = &amendment.present else {
            let zh = format!("草案 {file}（《{title}》，自 {day} 起施行）：现在没有这一编号的制度。以下以全部档案试之。");
            let en = format!("The draft {file} (“{title}”, from {day}): there is no policy of its id now. It is tried on every record.");
            return self.say([&*zh, &*en]).to_owned();
        };
        let (path, since, from) = (&present.document.path, present.effective, amendment.from);
        if draft.status == Status::Withdrawn {
            let zh =
                format!("草案 {file}（自 {day} 起废止《{title}》，{path}）：以下当作自今天（{from}）起废止。此前的档案仍依当时的版本。");
            let en = format!(
                "The draft {file} (withdraws “{title}”, {path}, from {day}), as if it did so today ({from}). The records of earlier days stay bound."
            );
            return self.say([&*zh, &*en]).to_owned();
        }
        let standing = match present.status {
            Status::Withdrawn => ["已废止的版本", "the withdrawn version"],
            _ => ["现行版本", "the version in force"],
        };
        let standing = self.say(standing);
        let zh = format!(
            "草案 {file}（《{title}》，自 {day} 起施行）与{standing}（{path}，自 {since} 起）比较：以下把草案当作自 {from} 起就在其位。"
        );
        let en = format!(
            "The draft {file} (“{title}”, in force from {day}) in the place of {standing} ({path}, from {since}), as if it had stood there since {from}."
        );
        self.say([&*zh, &*en]).to_owned()
    }

    fn findings(&self, out: &mut Output, title: [&str; 2], told: &Told) -> std::io::Result<()> {
        if told.findings.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}\n", self.title(title))?;
        text::write_each(out.finished()?, &told.findings, &told.sources, self.workplace.lang, colour())
    }

    fn sum(&self, told: &Told) -> String {
        match told.findings.is_empty() {
            true => self.say(["无", "none"]).to_owned(),
            false => text::summary(&told.findings, self.workplace.lang),
        }
    }

    fn rows(&self, out: &mut Output, title: [&str; 2], rows: Vec<Vec<String>>) -> std::io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", self.title(title))?;
        columns(&rows).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        writeln!(out)
    }

    fn title(&self, [zh, en]: [&str; 2]) -> String {
        self.say([&*format!("【{zh}】"), &*format!("{en}:")]).to_owned()
    }

    fn articles(&self, amendment: &Amendment) -> Vec<Vec<String>> {
        let rows = amendment.difference.articles.iter();
        rows.map(|(change, article)| vec![self.change(*change), article.key.to_string(), article.title.to_string()]).collect()
    }

    fn blocks(&self, amendment: &Amendment) -> Vec<Vec<String>> {
        let row = |(change, block): &(Change, crate::policy::Block)| {
            let kind = kind(self.workplace, block.kind.name()).to_owned();
            vec![self.change(*change), kind, block.id.to_string(), block.citation.article.to_string()]
        };
        amendment.difference.blocks.iter().map(row).collect()
    }

    fn settings(&self, amendment: &Amendment) -> Vec<Vec<String>> {
        let value = |value: &Option<std::sync::Arc<str>>| value.as_deref().unwrap_or(self.say(["（无）", "(none)"])).to_owned();
        let rows = amendment.difference.settings.iter().map(|setting| {
            let values = format!("{} → {}", value(&setting.before), value(&setting.after));
            vec![self.change(setting.change()), setting.name.to_string(), values]
        });
        rows.collect()
    }

    fn change(&self, change: Change) -> String {
        let words = match change {
            Change::Added => ["增加", "added"],
            Change::Removed => ["删除", "removed"],
            Change::Changed => ["修改", "changed"],
        };
        self.say(words).to_owned()
    }

    fn say<'w>(&self, words: [&'w str; 2]) -> &'w str {
        self.workplace.say(words)
    }
}
