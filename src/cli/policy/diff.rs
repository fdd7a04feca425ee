//! `chancery policy diff`: what drafts would change.

mod sum;

use super::{
    super::{
        Outcome, Workplace,
        columns::columns,
        print::{self, Output, colour},
    },
    kind,
};
use crate::{
    check::{Amendment, DraftPolicy, Proposed, ToldFindings, amend},
    diagnostic::{
        Finding,
        text::{self, visible},
    },
    policy::{Change, Keyword, Policy, Status},
    source::MAX_BYTES,
};
use anyhow::{Context, bail};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    sync::Arc,
};

pub(super) fn run(workplace: &Workplace, drafts: &[&String], lines: bool) -> anyhow::Result<Outcome> {
    let proposed = drafts.iter().map(|path| Ok(Proposed { shown: path, bytes: read(path).with_context(|| path.to_string())? }));
    let proposed = proposed.collect::<anyhow::Result<Vec<_>>>()?;
    let amendment = match amend(&workplace.sources()?, &workplace.settings, workplace.today()?, &proposed) {
        Ok(amendment) => amendment,
        Err(two) => {
            let [one, other] = &two.shown;
            let zh = format!("{one} 和 {other} 都是 {} 的草案：一次只能试其中一份", two.policy);
            let en = format!("{one} and {other} are both drafts of {}: only one of them can be tried at a time", two.policy);
            bail!("{}", visible(workplace.say([&zh, &en])))
        }
    };
    let mut out = print::words_or_data(lines);
    if lines {
        amendment.json(workplace.lang).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    } else {
        Layout { workplace, amendment: &amendment }.tell(&mut out)?;
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
    amendment: &'a Amendment,
}

impl Layout<'_> {
    fn tell(&self, out: &mut Output) -> std::io::Result<()> {
        let amendment = self.amendment;
        for draft in &amendment.drafts {
            if let Some(policy) = &draft.policy {
                writeln!(out, "{}\n", visible(&self.head(draft, policy)))?;
            }
        }
        self.findings(out, ["草案有误", "Mistakes in the draft"], &amendment.mistakes)?;
        if !amendment.is_compared() {
            return Ok(());
        }
        for draft in &amendment.drafts {
            self.rows(out, draft, ["条款", "Articles"], self.articles(draft))?;
            self.rows(out, draft, ["机器条款", "Blocks"], self.blocks(draft))?;
            self.rows(out, draft, ["可调数值", "Settings"], self.settings(draft))?;
        }
        if amendment.changes_nothing() {
            writeln!(out, "{}\n", self.say(["条款、机器条款和数值都没有不同", "No article, block or setting differs"]))?;
        }
        self.findings(out, ["新出现的问题", "Findings that would be new"], &amendment.begun)?;
        self.findings(out, ["不再出现的问题", "Findings that would cease"], &amendment.ended)?;
        self.titled(out, ["往日的违反", "Breaches of the past"], self.past())?;
        self.titled(out, ["合计", "In sum"], self.sum())?;
        let (begun, ended) = (self.count(&amendment.begun), self.count(&amendment.ended));
        let words = [&*format!("新出现：{begun}；不再出现：{ended}"), &*format!("new: {begun}; ceased: {ended}")];
        writeln!(out, "{}", self.say(words))
    }

    /// What is compared with what.
    fn head(&self, draft: &DraftPolicy, policy: &Policy) -> String {
        let (file, day, title) = (&draft.shown, &draft.effective, &policy.title);
        let Some(present) = &draft.present else {
            let zh = format!("草案 {file}（《{title}》，自 {day} 起施行）：现在没有这一编号的制度。以下以全部档案试之。");
            let en = format!("The draft {file} (“{title}”, from {day}): there is no policy of its id now. It is tried on every record.");
            return self.say([&*zh, &*en]).to_owned();
        };
        let (path, since, from) = (&present.document.path, present.effective, draft.from);
        if policy.status == Status::Withdrawn {
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

    fn findings(&self, out: &mut Output, title: [&str; 2], told: &ToldFindings) -> std::io::Result<()> {
        if told.findings.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}\n", self.title(title))?;
        text::write_each(out.finished()?, &told.findings, &told.sources, self.workplace.lang, colour())
    }

    fn count(&self, told: &ToldFindings) -> String {
        match told.findings.is_empty() {
            true => self.say(["无", "none"]).to_owned(),
            false => text::summary(&told.findings, self.workplace.lang),
        }
    }

    /// Of which draft something is, where there are several.
    fn rows(&self, out: &mut Output, draft: &DraftPolicy, [zh, en]: [&str; 2], rows: Vec<Vec<String>>) -> std::io::Result<()> {
        match &draft.policy {
            Some(policy) if self.amendment.drafts.len() > 1 => {
                let title = &policy.title;
                self.titled(out, [&format!("《{title}》{zh}"), &format!("{en} of “{title}”")], rows)
            }
            _ => self.titled(out, [zh, en], rows),
        }
    }

    fn titled(&self, out: &mut Output, title: [&str; 2], rows: Vec<Vec<String>>) -> std::io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", visible(&self.title(title)))?;
        columns(&rows).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        writeln!(out)
    }

    fn title(&self, [zh, en]: [&str; 2]) -> String {
        self.say([&*format!("【{zh}】"), &*format!("{en}:")]).to_owned()
    }

    fn articles(&self, draft: &DraftPolicy) -> Vec<Vec<String>> {
        let rows = draft.difference.articles.iter();
        rows.map(|(change, article)| vec![self.change(*change), article.key.to_string(), article.title.to_string()]).collect()
    }

    fn blocks(&self, draft: &DraftPolicy) -> Vec<Vec<String>> {
        let row = |change: String, keyword: Keyword, id: &str, article: &str| {
            vec![change, kind(self.workplace, keyword).to_owned(), id.to_owned(), article.to_owned()]
        };
        let blocks = draft.difference.blocks.iter();
        let told = blocks.map(|(change, block)| row(self.change(*change), block.kind.keyword(), &block.id, &block.citation.article));
        let failing = draft.difference.failing.iter().filter(|own| own.kind != Keyword::Settings);
        let fails = self.fails();
        told.chain(failing.map(|own| row(fails.clone(), own.kind, own.id.as_deref().unwrap_or("?"), &own.citation.article))).collect()
    }

    fn settings(&self, draft: &DraftPolicy) -> Vec<Vec<String>> {
        let value = |value: &Option<Arc<str>>| value.as_deref().unwrap_or(self.say(["（无）", "(none)"])).to_owned();
        let versions = || draft.policy.iter().chain(&draft.present);
        let called = |name: &str| {
            let label = versions().map(|policy| policy.called(name, self.workplace.lang)).find(|label| *label != name);
            label.unwrap_or_default().to_owned()
        };
        let rows = draft.difference.settings.iter().map(|setting| {
            let values = format!("{} → {}", value(&setting.before), value(&setting.after));
            vec![self.change(setting.change()), setting.name.to_string(), values, called(&setting.name)]
        });
        let failing = draft.difference.failing.iter().filter(|own| own.kind == Keyword::Settings);
        rows.chain(failing.map(|own| vec![self.fails(), own.id.as_deref().unwrap_or("?").to_owned()])).collect()
    }

    /// How many breaches of the past each rule would have more, or less.
    fn past(&self) -> Vec<Vec<String>> {
        let mut rows: BTreeMap<&Arc<str>, [usize; 2]> = BTreeMap::new();
        for (side, told) in [&self.amendment.past_begun, &self.amendment.past_ended].into_iter().enumerate() {
            told.findings.iter().for_each(|Finding { code, .. }| rows.entry(code).or_default()[side] += 1);
        }
        let told = |(code, [more, less]): (&Arc<str>, [usize; 2])| {
            let words = [(more, ["多 {n} 项", "{n} more"]), (less, ["少 {n} 项", "{n} fewer"])];
            vec![code.to_string(), self.joined(&words)]
        };
        rows.into_iter().map(told).collect()
    }

    /// Those of some figures that are not zero, each with its words.
    fn joined(&self, figures: &[(usize, [&str; 2])]) -> String {
        let told = figures.iter().filter(|(n, _)| *n > 0).map(|(n, words)| self.say(*words).replace("{n}", &n.to_string()));
        told.collect::<Vec<_>>().join(self.say(["，", ", "]))
    }

    fn fails(&self) -> String {
        self.say(["有错失效", "failing"]).to_owned()
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
