//! `chancery build`: the static site.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    theme,
};
use crate::{
    access::Reader,
    publish::{self, PublishError},
    render,
};
use anyhow::bail;
use clap::ArgMatches;
use std::path::PathBuf;

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
    let out =
        arguments.get_one::<String>("out").map_or_else(|| workplace.root().map(|root| root.join("site")), |out| Ok(PathBuf::from(out)))?;
    match publish::fits(&out, workplace.root()?) {
        Err(PublishError::InArchive(out)) => bail!(
            "{}: {}",
            out.display(),
            workplace.say([
                "网站不能写在档案库的文件夹（records、policies、themes 和以点开头者）里，也不能取代档案库；请用 --out 另写一处",
                "a site is not written into the archive's own folders (records, policies, themes, and those that begin with a dot), nor in \
                 the archive's place; name another with --out",
            ])
        ),
        fits => fits?,
    }
    let office = workplace.office()?;
    let reader = match workplace.reader(&office, arguments)? {
        Reader::Folder => Reader::Everyone,
        person if arguments.get_flag("restricted") => person,
        _ => bail!("{}", workplace.say([
            "--as 生成的网站含受限档案：请确认该文件夹只有此人可读，并加 --restricted",
            "a site built --as a person holds restricted records: make sure that the folder is that person's alone, and add --restricted",
        ])),
    };
    let pages = render::site(&office.view(reader), &theme::of_archive(workplace)?)?;
    publish::publish(&pages, &out)?;
    workplace.print(format_args!("{} {} → {}", pages.len(), workplace.say(["个页面", "pages"]), out.display()))?;
    Ok(Outcome::Clean)
}
