//! `chancery approve` for what bears no approvals itself (the settings, the list of signers, a
//! theme): a signature beside it.

use super::super::{Outcome, Workplace, theme};
use crate::{
    approval::{Paper, PrivateKey, Register, Remembered, manifest, paper_seal},
    archive::Settings,
    edit,
    render::Theme,
    source::{SETTINGS, SIGNERS, Sources, text_at_root},
};
use anyhow::{Context, anyhow, bail};

/// Signs a paper as it stands there, and enters it in the register as the one in force.
pub(super) fn approve(workplace: &Workplace, paper: &Paper, key: &PrivateKey) -> anyhow::Result<Outcome> {
    let turn = workplace.turn()?;
    let (root, sources) = (workplace.root()?, workplace.sources()?);
    let text = text_of(workplace, paper, &sources)?;
    let (register, _) = Register::of(&sources, &Remembered::default());
    let Some(lines) = register.succession(&paper.clone().into(), &paper_seal(&text)) else {
        bail!(
            "{}: {}",
            paper,
            workplace.say([
                "这份内容曾经签署，其后另有内容签署；请改动其中一处（例如加一行说明）后再签署",
                "this content was signed before, and another after it; change something in it (add a remark, say), then sign",
            ])
        );
    };
    let signature = paper.sign(&text, key)?;
    if let Paper::Theme(_) = paper {
        edit::put(root, &turn, &paper.path(), &text)?;
    }
    // A line without its signature is told; a signature without its line would not be missed.
    let laid = edit::Laid::to_put(root, &paper.signature_path(), &signature)?;
    edit::register(root, &turn, &lines.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    laid.put()?;
    workplace.print(format_args!("{paper}  {}\n{}", paper_seal(&text), paper.signature_path()))?;
    Ok(Outcome::Clean)
}

/// What is signed: nothing that could not be used.
fn text_of(workplace: &Workplace, paper: &Paper, sources: &Sources) -> anyhow::Result<String> {
    let root = workplace.root()?;
    match paper {
        Paper::Theme(name) => {
            let files = theme::files(workplace, root, name)?;
            let list = manifest(name, &files);
            Theme::with(files)?;
            Ok(list)
        }
        Paper::Settings => {
            let text = text_at_root(root, SETTINGS).context(SETTINGS)?;
            Settings::read(&text).map_err(|error| anyhow!("{}", error.words().get(workplace.lang)))?;
            whole(workplace, paper, sources)
        }
        Paper::Signers => whole(workplace, paper, sources).with_context(|| SIGNERS.to_owned()),
    }
}

/// The text of a file of the archive, byte by byte as `ssh-keygen` would sign it.
fn whole(workplace: &Workplace, paper: &Paper, sources: &Sources) -> anyhow::Result<String> {
    let file = sources.by_path(&paper.path().0).filter(|file| file.fault.is_none() && !file.byte_order_mark);
    let words = ["须是不带字节顺序标记的 UTF-8 普通文件", "it must be a plain file in UTF-8 without a byte-order mark"];
    file.map(|file| file.text.to_string()).with_context(|| format!("{}: {}", paper.path(), workplace.say(words)))
}
