//! Where a command works: the archive's folder, its settings, the day, the language.

use super::{print, words::say};
use crate::{
    access::{Office, Reader},
    archive::{Settings, Zone},
    diagnostic::Lang,
    edit::{EditError, Turn},
    source::{self, RecordId, SETTINGS, Sources},
};
use anyhow::{Context, anyhow, bail};
use chrono::{NaiveDate, Utc};
use clap::ArgMatches;
use std::{
    fmt::Display,
    io::Write,
    path::{Path, PathBuf},
};

pub(super) struct Workplace {
    root: Option<PathBuf>,
    state: Option<PathBuf>,
    asked_day: Option<NaiveDate>,
    pub lang: Lang,
    pub settings: Settings,
}

impl Workplace {
    pub fn new(arguments: &ArgMatches, environment: Lang) -> anyhow::Result<Workplace> {
        let text = |name| arguments.get_one::<String>(name);
        let root = match text("archive") {
            Some(named) => Some(PathBuf::from(named)),
            None => nearest(&std::env::current_dir()?),
        };
        let asked_lang = text("lang").map(|lang| if lang == "en" { Lang::En } else { Lang::Zh });
        let settings = root.as_deref().map_or_else(|| Ok(Settings::default()), |root| read_settings(root, asked_lang, environment))?;
        let asked_day = text("on").map(|day| day_of(day, environment)).transpose()?;
        let lang = asked_lang.unwrap_or(if root.is_some() { settings.language } else { environment });
        Ok(Workplace { root, state: file_named(arguments, "state"), asked_day, lang, settings })
    }

    /// The same at work in another folder.
    pub fn moved_to(&self, root: &Path) -> Workplace {
        Workplace { root: Some(root.to_owned()), state: None, asked_day: self.asked_day, lang: self.lang, settings: self.settings.clone() }
    }

    /// The same by the settings as they stand there now.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn at_present(&self) -> anyhow::Result<Workplace> {
        let settings = read_settings(self.root()?, Some(self.lang), self.lang)?;
        Ok(Workplace { root: self.root.clone(), state: self.state.clone(), asked_day: self.asked_day, lang: self.lang, settings })
    }

    pub fn say<'a>(&self, words: [&'a str; 2]) -> &'a str {
        say(words, self.lang)
    }

    /// Prints lines for people. A pipe that is closed at the other end is an error, and the end of
    /// the command, but no panic.
    pub fn print(&self, line: impl Display) -> std::io::Result<()> {
        let mut out = print::words();
        writeln!(out, "{line}")?;
        out.flush()
    }

    /// Paths that were given, from here or as findings write them, as they lie below the archive's
    /// root.
    ///
    /// # Errors
    /// Where nothing is there, or it is not in the archive.
    pub fn below_root<'p>(&self, paths: impl IntoIterator<Item = &'p String>) -> anyhow::Result<Vec<PathBuf>> {
        let root = self.root()?.canonicalize()?;
        let missing = self.say(["没有这个文件或文件夹", "there is no such file or folder"]);
        let found = |path: &String| Path::new(path).canonicalize().or_else(|_| root.join(path).canonicalize());
        let below = |path: &String| -> anyhow::Result<PathBuf> {
            let whole = found(path).map_err(|_| anyhow!("{path}: {missing}"))?;
            let outside = self.say(["不在档案库内", "not in the archive"]);
            Ok(whole.strip_prefix(&root).with_context(|| format!("{path}: {outside}"))?.to_owned())
        };
        paths.into_iter().map(below).collect()
    }

    /// The archive's folder.
    pub fn root(&self) -> anyhow::Result<&Path> {
        let missing = [
            "此处没有档案库（找不到 chancery.yaml）；用 --archive 指明，或用 chancery init 新建",
            "there is no archive here (no chancery.yaml); name one with --archive, or make one with chancery init",
        ];
        self.root.as_deref().context(self.say(missing).to_owned())
    }

    /// The folder of state that is not a document.
    pub fn state(&self) -> anyhow::Result<PathBuf> {
        match &self.state {
            Some(named) => Ok(named.clone()),
            None => Ok(self.root()?.join(".chancery")),
        }
    }

    /// The turn to write into the archive, which the server and those at a terminal take one after
    /// the other.
    pub fn turn(&self) -> anyhow::Result<Turn> {
        let busy = ["别人正在写入，请稍后再试", "somebody else is writing; try again in a moment"];
        match Turn::take(&self.state()?) {
            Err(EditError::Busy) => bail!("{}", self.say(busy)),
            turn => Ok(turn?),
        }
    }

    /// The folder in which a demonstration plays on a copy of the archive.
    pub fn demo_copy(&self) -> anyhow::Result<PathBuf> {
        Ok(self.state()?.join("demo"))
    }

    /// The day asked for, else the archive's `demo_day`, else today in the archive's time zone.
    pub fn today(&self) -> anyhow::Result<NaiveDate> {
        if let Some(day) = self.asked_day.or(self.demo_day()?) {
            return Ok(day);
        }
        Ok(Utc::now().with_timezone(&self.zone()).date_naive())
    }

    pub fn demo_day(&self) -> anyhow::Result<Option<NaiveDate>> {
        self.settings.demo_day.as_deref().map(|day| day_of(day, self.lang)).transpose()
    }

    pub fn asked_day(&self) -> Option<NaiveDate> {
        self.asked_day
    }

    pub fn zone(&self) -> Zone {
        self.settings.zone()
    }

    pub fn sources(&self) -> anyhow::Result<Sources> {
        let root = self.root()?;
        Sources::read(root).with_context(|| root.display().to_string())
    }

    /// The archive, checked, as of today.
    pub fn office(&self) -> anyhow::Result<Office> {
        Ok(Office::open(self.sources()?, self.settings.clone(), self.today()?).whole()?)
    }

    /// The reader named with `--as`, who must be on file; without it, whoever can read the folder.
    pub fn reader(&self, office: &Office, arguments: &ArgMatches) -> anyhow::Result<Reader> {
        let Some(name) = arguments.get_one::<String>("as") else { return Ok(Reader::Folder) };
        let person = RecordId::named(name.as_str());
        if !office.staff().contains(&person) {
            bail!("{}{name}", self.say(["今天在册人员中没有 ", "nobody on staff today is "]));
        }
        Ok(Reader::Person(person))
    }
}

/// The path that an argument gives; none where it is not given, or the command has no such
/// argument.
pub(super) fn file_named(arguments: &ArgMatches, name: &str) -> Option<PathBuf> {
    arguments.try_get_one::<String>(name).ok().flatten().map(PathBuf::from)
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(SETTINGS).is_file()).map(Path::to_owned)
}

/// The settings, the usual ones where none are written; what is wrong with them is told in the
/// language that they name, as far as that can be read.
fn read_settings(root: &Path, asked: Option<Lang>, environment: Lang) -> anyhow::Result<Settings> {
    if !root.join(SETTINGS).exists() {
        return Ok(Settings::default());
    }
    let text = source::text_at_root(root, SETTINGS).with_context(|| root.join(SETTINGS).display().to_string())?;
    let lang = || asked.or(Settings::language_of(&text)).unwrap_or(environment);
    Settings::read(&text).map_err(|error| anyhow!("{}", error.words().get(lang())))
}

fn day_of(text: &str, lang: Lang) -> anyhow::Result<NaiveDate> {
    // The parser is lenient about widths; people and sorting are not.
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text);
    day.with_context(|| format!("{}{text}", say(["日期须写作 2026-03-01 的形式：", "a date is written as 2026-03-01: "], lang)))
}
