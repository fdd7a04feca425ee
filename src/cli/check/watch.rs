//! `chancery check --watch`: the archive is checked again whenever something in it changes, or the
//! day turns. First what is found in the files that have changed, then what has come up or ceased
//! elsewhere because of it; one quiet line where all is well.

use super::{beside, chosen, opened};
use crate::{
    check,
    cli::{Outcome, Workplace, drafts::DraftFolder, ending, print, words::say},
    diagnostic::{
        Finding, FoundIn, Lang, json,
        text::{self, visible},
    },
    source::{ArchivePath, DigestCache, Origin, Read, Sources, Watched},
};
use anyhow::bail;
use chrono::{NaiveDate, Utc};
use clap::ArgMatches;
use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::runtime::Builder;

/// Whether the day has turned is asked so often.
const TURN: Duration = Duration::from_secs(20);
/// An editor writes a file in several steps, a moment after one another.
const A_BREATH: Duration = Duration::from_millis(20);
/// After a folder that could not be read.
const A_PAUSE: Duration = Duration::from_secs(1);
/// Files that have changed are named up to so many.
const NAMED: usize = 3;

pub(super) fn run(workplace: &Workplace, arguments: &ArgMatches, paths: &[PathBuf]) -> anyhow::Result<Outcome> {
    let is_json = match arguments.get_one::<String>("format").map(String::as_str) {
        Some("sarif") => bail!(
            "{}",
            workplace.say(["--watch 只能用 text 或 json：sarif 是一份完整的报告", "--watch gives text or json: sarif is one whole report"])
        ),
        format => format == Some("json"),
    };
    let marks = tempfile::tempdir()?;
    let watched = Arc::new(Watched::new(workplace.root()?.to_owned(), marks.path().to_owned()).with_drafts());
    let watch = Watch {
        workplace: workplace.at_present()?,
        arguments: arguments.clone(),
        paths: paths.to_vec(),
        is_json,
        origin: Origin::Watched(watched.clone()),
        watched,
        digests: Arc::default(),
        read: None,
        checked: None,
        complaint: None,
    };
    let stop = ending::asked()?;
    let runtime = Builder::new_current_thread().build()?;
    let going_on = runtime.spawn_blocking(|| watch.go_on());
    let outcome = runtime.block_on(async {
        tokio::select! {
            () = stop => Ok(()),
            ended = going_on => ended.unwrap_or_else(|error| Err(io::Error::other(error))),
        }
    });
    // It waits for news that nobody wants any more.
    runtime.shutdown_background();
    outcome.map(|()| Outcome::Clean).map_err(Into::into)
}

struct Watch {
    workplace: Workplace,
    arguments: ArgMatches,
    paths: Vec<PathBuf>,
    is_json: bool,
    origin: Origin,
    watched: Arc<Watched>,
    digests: Arc<DigestCache>,
    /// The archive as it was read last; nothing where it has to be read anew.
    read: Option<Read>,
    checked: Option<Checked>,
    /// What kept it from being checked, and was told.
    complaint: Option<String>,
}

/// What was found in a state of the archive.
struct Checked {
    today: NaiveDate,
    /// With the drafts where their records are to lie.
    sources: Sources,
    /// With the drafts under their own paths.
    shown: Sources,
    drafts: BTreeSet<ArchivePath>,
    /// Of the files and folders that were named.
    findings: Vec<Finding>,
    /// What is told beside them.
    beside: Vec<String>,
}

/// What has come up and what has ceased.
struct Changes<'c> {
    /// The files that have changed, under the paths by which they are known.
    files: BTreeSet<ArchivePath>,
    begun: Vec<&'c Finding>,
    ended: Vec<&'c Finding>,
    /// Whether there is something to tell: a file, a finding, the day, or what is told beside.
    are_news: bool,
}

impl Watch {
    /// Goes on until nobody reads what is told.
    fn go_on(mut self) -> io::Result<()> {
        loop {
            match self.look() {
                Ok(None) => self.complaint = None,
                Ok(Some(checked)) => {
                    match &self.checked {
                        None => self.tell_first(&checked)?,
                        Some(before) => {
                            let changes = checked.since(before);
                            if changes.are_news || self.complaint.is_some() {
                                self.tell_changes(before, &checked, changes)?;
                            }
                        }
                    }
                    (self.checked, self.complaint) = (Some(checked), None);
                }
                Err(error) => {
                    // What was in the way may be gone without a trace in any file.
                    self.read = None;
                    self.complain(format!("{error:#}"));
                    thread::sleep(A_PAUSE);
                }
            }
            self.watched.wait(TURN);
            thread::sleep(A_BREATH);
        }
    }

    /// Tells once what keeps it from being checked.
    fn complain(&mut self, complaint: String) {
        if self.complaint.as_ref() != Some(&complaint) {
            print::complain(&complaint);
        }
        self.complaint = Some(complaint);
    }

    /// Checks the archive, unless it is as it was.
    fn look(&mut self) -> anyhow::Result<Option<Checked>> {
        self.digests.it_is(Utc::now());
        let read = self.origin.read(self.read.as_ref().map(|read| read.stamp), &self.digests)?;
        let is_as_it_lay = read.is_none();
        self.read = read.or(self.read.take());
        let Some(read) = &self.read else { return Ok(None) };
        self.workplace = self.workplace.at_present()?;
        let (desk, sources) = DraftFolder::laid(&self.workplace, &self.paths, read.sources.clone())?;
        let today = self.workplace.today()?;
        let is_as_it_was = |before: &Checked| before.today == today && before.sources.differing_from(&sources).is_empty();
        if is_as_it_lay && self.complaint.is_none() && self.checked.as_ref().is_some_and(is_as_it_was) {
            return Ok(None);
        }
        // What is judged with the drafts is what the next look begins with.
        let office = opened(&self.workplace, &self.arguments, sources.digested_by(&self.digests))?;
        let report = check::told_once(office.whole_report(), &office.archive);
        let shown = desk.shown(&office.archive.sources);
        let mut findings = chosen(&report.findings, &self.paths, &shown).into_owned();
        let mut past = chosen(&report.past, &self.paths, &shown).into_owned();
        if self.arguments.get_flag("past") {
            findings.append(&mut past);
        }
        let beside = beside(&self.workplace, &office, &past, &desk, &self.paths);
        let drafts = desk.drafts.iter().map(|one| one.draft.clone()).collect();
        // One that was settled before would have the system's word of since then forgotten.
        if !is_as_it_lay {
            self.origin.settle(read);
        }
        Ok(Some(Checked { today, sources: Sources::clone(&office.archive.sources), shown, drafts, findings, beside }))
    }

    fn tell_first(&self, checked: &Checked) -> io::Result<()> {
        match self.is_json {
            true => tell_json(checked.findings.iter().map(|finding| ("begun", json::object(finding, &checked.shown, self.workplace.lang)))),
            false => self.tell_all(checked),
        }
    }

    fn tell_changes(&self, before: &Checked, checked: &Checked, changes: Changes<'_>) -> io::Result<()> {
        if !self.is_json {
            return self.tell_in_words(before, checked, changes);
        }
        let lang = self.workplace.lang;
        let line = |change: &'static str, shown| move |finding: &Finding| (change, json::object(finding, shown, lang));
        let begun = changes.begun.into_iter().map(line("begun", &checked.shown));
        tell_json(begun.chain(changes.ended.into_iter().map(line("ended", &before.shown))))
    }

    fn tell_all(&self, checked: &Checked) -> io::Result<()> {
        let mut out = print::words();
        let shown = out.finished()?;
        text::write(shown, &checked.findings, &checked.shown, self.workplace.lang, print::colour())?;
        checked.beside.iter().try_for_each(|line| writeln!(shown, "{line}"))?;
        let goes_on = ["文件一有改动就再核对；Ctrl-C 结束", "checked again whenever a file changes; Ctrl-C ends"];
        writeln!(shown, "{}", self.workplace.say(goes_on))?;
        out.flush()
    }

    fn tell_in_words(&self, before: &Checked, checked: &Checked, Changes { files, begun, ended, .. }: Changes<'_>) -> io::Result<()> {
        let lang = self.workplace.lang;
        let lies_there = |finding: &Finding| checked.path_of(finding).is_some_and(|path| files.contains(path));
        let own: Vec<Finding> = checked.findings.iter().filter(|finding| lies_there(finding)).cloned().collect();
        let elsewhere: Vec<Finding> = begun.into_iter().filter(|finding| !lies_there(finding)).cloned().collect();
        let (head, summary) = (self.head(before, checked, &files), text::summary(&checked.findings, lang));
        let mut out = print::words();
        let shown = out.finished()?;
        if own.is_empty() && elsewhere.is_empty() && ended.is_empty() {
            writeln!(shown, "{head}  ✓ {summary}")?;
        } else {
            writeln!(shown, "\n{head}\n")?;
            text::write_each(shown, &own, &checked.shown, lang, print::colour())?;
            if !elsewhere.is_empty() {
                writeln!(shown, "{}\n", say(["别处新出现：", "come up elsewhere:"], lang))?;
                text::write_each(shown, &elsewhere, &checked.shown, lang, print::colour())?;
            }
            ended.iter().try_for_each(|finding| writeln!(shown, "✓ {}", before.in_a_line(finding, lang)))?;
            writeln!(shown, "{summary}")?;
        }
        let news = checked.beside.iter().filter(|line| !before.beside.contains(line));
        news.into_iter().try_for_each(|line| writeln!(shown, "{line}"))?;
        out.flush()
    }

    /// When it was, and what has changed.
    fn head(&self, before: &Checked, checked: &Checked, files: &BTreeSet<ArchivePath>) -> String {
        let lang = self.workplace.lang;
        let time = Utc::now().with_timezone(&self.workplace.zone()).format("%H:%M:%S");
        let mut parts: Vec<String> = files.iter().take(NAMED).map(|path| path.to_string()).collect();
        let more = files.len().saturating_sub(NAMED);
        if more > 0 {
            parts.push(if lang == Lang::Zh { format!("另 {more} 个文件") } else { format!("{more} more") });
        }
        if before.today != checked.today {
            parts.push(format!("{}{}", say(["今天是 ", "it is "], lang), checked.today));
        }
        visible(&format!("{time}  {}", parts.join(say(["、", ", "], lang))))
    }
}

impl Checked {
    fn since<'c>(&'c self, before: &'c Checked) -> Changes<'c> {
        let files = self.files_changed(before);
        let has_moved = |path: &ArchivePath| files.contains(path);
        let [one, other] = [self, before].map(|one| FoundIn { findings: &one.findings, sources: &one.shown });
        let (begun, ended) = (one.but_not_in(other, has_moved), other.but_not_in(one, has_moved));
        let is_the_same = files.is_empty() && begun.is_empty() && ended.is_empty();
        let are_news = !is_the_same || (self.today, &self.beside) != (before.today, &before.beside);
        Changes { files, begun, ended, are_news }
    }

    fn files_changed(&self, before: &Checked) -> BTreeSet<ArchivePath> {
        let known_as = |path: &ArchivePath| {
            let mut files = [self, before].into_iter().filter_map(|one| Some((one, one.sources.by_path(&path.0)?.id)));
            files.next().map_or_else(|| path.clone(), |(one, id)| one.shown.file(id).path.clone())
        };
        let of_texts = before.sources.differing_from(&self.sources).into_iter().map(known_as);
        // A draft that was filed is gone where it lay, and its text is what it was.
        of_texts.chain(self.drafts.symmetric_difference(&before.drafts).cloned()).collect()
    }

    fn path_of(&self, finding: &Finding) -> Option<&ArchivePath> {
        finding.span.map(|span| &self.shown.file(span.file).path)
    }

    fn in_a_line(&self, finding: &Finding, lang: Lang) -> String {
        let place = finding.span.map_or_else(String::new, |span| {
            format!("{}:{}  ", self.shown.file(span.file).path, self.shown.position(span.file, span.start).line)
        });
        visible(&format!("{place}[{}]  {}", finding.code, finding.message.get(lang)))
    }
}

/// A line for each finding that has come up or ceased: `change`, and then the keys of `check
/// --format json`.
fn tell_json(findings: impl Iterator<Item = (&'static str, serde_json::Value)>) -> io::Result<()> {
    let mut out = print::words_or_data(true);
    for (change, finding) in findings {
        let mut line = serde_json::Map::from_iter([("change".to_owned(), change.into())]);
        line.extend(finding.as_object().cloned().unwrap_or_default());
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
