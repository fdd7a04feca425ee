//! The theme that the pages wear: the one built in, or that with some of its files replaced by
//! those of a folder.

use super::Workplace;
use crate::{
    approval::{AllowedSigners, Paper, Register, manifest},
    archive::Settings,
    render::Theme,
    source::theme::{self, KINDS, MOST_BYTES, MOST_FILES, Odd, ThemeError, ThemeFiles, ThemeName},
};
use anyhow::{anyhow, bail};
use chrono::NaiveDate;
use std::path::Path;

/// The theme that the archive names, from its own folder `themes/NAME`.
pub(super) fn of_archive(workplace: &Workplace) -> anyhow::Result<Theme> {
    match workplace.settings.theme() {
        None => Ok(Theme::built_in()),
        Some(name) => Ok(Theme::with(files(workplace, workplace.root()?, &name)?)?),
    }
}

/// The theme that trusted settings name: from the folder of state, where whoever can write is
/// trusted anyway, or else the archive's own, if somebody has signed it whom the server trusts.
pub(super) fn trusted(workplace: &Workplace, settings: &Settings, state: &Path, grounds: &Grounds<'_>) -> anyhow::Result<Theme> {
    let Some(name) = settings.theme() else { return Ok(Theme::built_in()) };
    if theme::is_there(state, &name) {
        return Ok(Theme::with(files(workplace, state, &name)?)?);
    }
    let root = workplace.root()?;
    let files = files(workplace, root, &name)?;
    let signature = theme::beside(root, &name, ".sha256.sig");
    let paper = Paper::Theme(name.clone());
    match paper.lack(&manifest(&name, &files), signature.as_deref(), grounds.signers, grounds.register, grounds.day) {
        None => Ok(Theme::with(files)?),
        Some(why) => bail!(
            "{paper}: {}\n{}",
            why.get(workplace.lang),
            workplace
                .say([
                    "主题可以在每个读者的浏览器里运行脚本，因此须由 trusted_signers 中的密钥签署：chancery approve themes/{name} --key FILE；或放入 {state}/themes/{name}",
                    "a theme can run scripts in every reader's browser, so a key in trusted_signers signs it: chancery approve themes/{name} --key FILE; or put it into {state}/themes/{name}",
                ])
                .replace("{name}", name.as_str())
                .replace("{state}", &state.display().to_string())
        ),
    }
}

/// What it is judged by whether a paper counts.
pub(super) struct Grounds<'a> {
    pub signers: &'a AllowedSigners,
    pub register: &'a Register,
    pub day: NaiveDate,
}

/// The files of a theme below a folder.
pub(super) fn files(workplace: &Workplace, root: &Path, name: &ThemeName) -> anyhow::Result<ThemeFiles> {
    theme::read(root, name).map_err(|error| refused(workplace, &error))
}

/// What is odd about a theme, with what is to be done.
fn refused(workplace: &Workplace, error: &ThemeError) -> anyhow::Error {
    let [zh, en] = match &error.odd {
        Odd::Missing => [
            "没有这个文件夹；请建立它，或改正 chancery.yaml 中的 theme",
            "there is no such folder; make it, or mend `theme` in chancery.yaml",
        ],
        Odd::Link => [
            "是符号链接；主题只由文件夹里的文件本身组成，请把文件放在那里",
            "a symbolic link; a theme consists of the files themselves: put them there",
        ],
        Odd::NoFolder => ["不是文件夹；请改名或移走", "not a folder; rename it or move it away"],
        Odd::NoFile => [
            "不是普通文件；主题的文件直接放在其文件夹里，不分子文件夹，请移走",
            "not a plain file; a theme's files lie directly in its folder, without folders below it: move it away",
        ],
        Odd::Name => {
            ["文件名只用英文字母、数字和 - _ .；请改名", "a file's name has ASCII letters, digits, `-`, `_` and `.` alone; rename it"]
        }
        Odd::Kind => [
            "主题不含这种文件（只含小写的 {kinds}）；请移走或改名",
            "no theme has files of this kind (only {kinds}, in lower case); move it away or rename it",
        ],
        Odd::TooMany => ["文件过多（上限 {files} 个）；请移走用不着的", "too many files ({files} at most); move away what is not used"],
        Odd::TooLarge => [
            "主题的文件合计过大（上限 {bytes} MiB）；请压缩图片和字体，或移走用不着的",
            "the theme's files are too large together ({bytes} MiB at most); compress pictures and fonts, or move away what is not used",
        ],
        Odd::Unreadable(why) => return anyhow!("{}: {} ({why})", error.path, workplace.say(["无法读取", "it cannot be read"])),
    };
    let words = workplace.say([zh, en]).replace("{kinds}", &KINDS.map(|kind| format!(".{kind}")).join(" "));
    let words = words.replace("{files}", &MOST_FILES.to_string()).replace("{bytes}", &(MOST_BYTES >> 20).to_string());
    anyhow!("{}: {words}", error.path)
}
