//! `chancery build`: the static site.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    theme,
};
use crate::{
    access::Reader,
    publish::{self, PublishError},
    render::Site,
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
            name: "base",
            about: [
                "网站放在主机的哪个路径之下（默认 /）；只有 404.html 要用，其余页面放在哪里都能用",
                "the path of the host below which the site will stand (default: /); 404.html alone needs it, all other pages work anywhere",
            ],
            kind: Kind::Option("PATH"),
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
    let base = arguments.get_one::<String>("base").map_or("/", String::as_str);
    if !is_path(base) {
        bail!(
            "{}{base}",
            workplace.say([
                "--base 是主机上的路径，以 / 开头，例如 /archive/；不能用：",
                "--base is a path of the host and begins with /, such as /archive/; it cannot be "
            ])
        );
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
    let (view, theme) = (office.view(reader), theme::of_archive(workplace)?);
    let count = publish::publish(&Site::of(&view, &theme, base), &out)?;
    workplace.print(format_args!("{count} {} → {}", workplace.say(["个页面", "pages"]), out.display()))?;
    Ok(Outcome::Clean)
}

/// Whether it is the path of an address and nothing more, on the host itself.
fn is_path(base: &str) -> bool {
    let is_of_path = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '?' | '#' | '\\');
    base.starts_with('/') && !base.starts_with("//") && base.chars().all(is_of_path)
}
