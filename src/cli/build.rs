//! `chancery build`: the static site.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
};
use crate::{
    access::Reader,
    publish,
    render::{self, Theme},
};
use anyhow::{Context, bail};
use clap::ArgMatches;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

pub(super) const COMMAND: Command = Command {
    name: "build",
    about: ["生成全体员工可读内容的静态网站", "build the static site of what all staff may read"],
    arguments: &[
        Argument {
            name: "out", about: ["写到这个文件夹（默认 site）", "the folder to write (default: site)"], kind: Kind::Option("DIR")
        },
        Argument {
            name: "as", about: ["按此人可读的内容生成", "build what this person may read instead"], kind: Kind::Option("PERSON")
        },
        Argument {
            name: "restricted",
            about: ["与 --as 同用：确认该文件夹另有访问限制", "with --as: the folder is restricted to that person"],
            kind: Kind::Flag,
        },
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let reader = match workplace.reader(&office, arguments)? {
        Reader::Folder => Reader::Everyone,
        person if arguments.get_flag("restricted") => person,
        _ => bail!("{}", workplace.say([
            "--as 生成的网站含受限档案：请确认该文件夹只有此人可读，并加 --restricted",
            "a site built --as a person holds restricted records: make sure that the folder is that person's alone, and add --restricted",
        ])),
    };
    let out =
        arguments.get_one::<String>("out").map_or_else(|| workplace.root().map(|root| root.join("site")), |out| Ok(PathBuf::from(out)))?;
    let pages = render::site(&office.view(reader), &theme(workplace)?)?;
    publish::publish(&pages, &out)?;
    workplace.print(format_args!("{} {} → {}", pages.len(), workplace.say(["个页面", "pages"]), out.display()))?;
    Ok(Outcome::Clean)
}

/// The archive's theme: the built-in one, overridden file by file by `themes/NAME/`.
pub(super) fn theme(workplace: &Workplace) -> anyhow::Result<Theme> {
    match &workplace.settings.theme {
        None => Ok(Theme::built_in()),
        Some(name) => Ok(Theme::with(overrides(&workplace.root()?.join("themes").join(name))?)?),
    }
}

/// The files of a theme's folder, by name.
fn overrides(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.'));
        if let Some(name) = name.filter(|_| path.is_file()) {
            files.insert(name.to_owned(), fs::read(&path).with_context(|| path.display().to_string())?);
        }
    }
    Ok(files)
}
