//! A theme's folder: plain files of known kinds that lie directly in it. Whoever asks the server
//! for one is given it, signed in or not: so no name and no link leads out of the folder, and what
//! is odd there is refused, never passed over or followed.

use super::beneath::Folder;
use rustix::fs::FileType;
use std::{
    collections::BTreeMap,
    fmt,
    io::{self, ErrorKind, Read},
    path::Path,
};

/// Where themes lie, below an archive's root or a folder of state.
pub const THEMES: &str = "themes";

/// Templates, styles, scripts, pictures and fonts: what the pages' own policy lets a browser take
/// from the server. They are told by the name's end, in lower case: no file is a template for one
/// system and an asset for another.
pub const KINDS: [&str; 11] = ["html", "css", "js", "svg", "png", "jpg", "jpeg", "gif", "webp", "ico", "woff2"];

/// Names in a theme's folder: ten times what the default theme has.
pub const MOST_FILES: usize = 240;

/// Bytes of a theme's files together, which stay in memory. A font of all Chinese characters has
/// some ten million.
pub const MOST_BYTES: u64 = 32 << 20;

/// Characters of a name, far below what a file system allows.
const LONGEST_NAME: usize = 100;

/// Bytes of a list of a theme's files: two names and a digest for each.
const LONGEST_LIST: u64 = (MOST_FILES * (2 * LONGEST_NAME + 70)) as u64;

/// The name of a theme: one plain segment, so that it names a folder in [`THEMES`] and nothing
/// else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ThemeName(String);

impl ThemeName {
    /// `None` where a name is more, or less, than letters and digits (of ASCII) with `-`, `_` and
    /// `.` behind the first.
    pub fn new(written: &str) -> Option<ThemeName> {
        is_plain(written).then(|| ThemeName(written.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ThemeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a shell, a browser's address and a list of digests all take as it stands.
fn is_plain(name: &str) -> bool {
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    begins_well && name.len() <= LONGEST_NAME && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// A theme's files by their names.
pub type ThemeFiles = BTreeMap<String, Vec<u8>>;

/// Why a theme cannot be taken: the place, below the folder that holds the themes' folder, and what
/// is odd there.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {odd}")]
pub struct ThemeError {
    pub path: String,
    pub odd: Odd,
}

/// What no theme holds.
#[derive(Debug, thiserror::Error)]
pub enum Odd {
    #[error("there is no such folder")]
    Missing,
    #[error("a symbolic link")]
    Link,
    #[error("not a folder")]
    NoFolder,
    #[error("not a plain file")]
    NoFile,
    #[error("a name of other characters than ASCII letters, digits, `-`, `_` and `.`")]
    Name,
    #[error("a kind of file that no theme has")]
    Kind,
    #[error("more than {MOST_FILES} names")]
    TooMany,
    #[error("more than {MOST_BYTES} bytes in all")]
    TooLarge,
    #[error("{0}")]
    Unreadable(io::Error),
}

/// Whether a theme's folder lies there, or anything else under its name.
pub fn is_there(root: &Path, name: &ThemeName) -> bool {
    let found = Folder::of(root).and_then(|root| root.enter(THEMES.as_ref())).and_then(|themes| themes.kind(name.as_str().as_ref()));
    found.is_ok()
}

/// A text beside a theme's folder: the list of its files (`.sha256`), or the signature over that
/// (`.sha256.sig`). `None` where there is no plain file of that name that can be read; what is
/// longer than such a text can be is cut.
pub fn beside(root: &Path, name: &ThemeName, end: &str) -> Option<String> {
    let mut text = String::new();
    let themes = Folder::of(root).and_then(|root| root.enter(THEMES.as_ref())).ok()?;
    themes.open(format!("{name}{end}").as_ref()).and_then(|file| file.take(LONGEST_LIST).read_to_string(&mut text)).ok()?;
    Some(text)
}

/// Reads the theme of a name below `root`. Names that begin with a dot are no part of it, as
/// nowhere in an archive.
///
/// # Errors
/// Where it is not there, where anything in it is odd, or where there is more of it than a theme
/// has; see [`Odd`].
pub fn read(root: &Path, name: &ThemeName) -> Result<ThemeFiles, ThemeError> {
    let (above, folder) = (THEMES.to_owned(), format!("{THEMES}/{name}"));
    let themes = Folder::of(root).map_err(|e| at(&above)(Odd::Unreadable(e)))?;
    let themes = entered(&themes, THEMES).map_err(at(&above))?;
    let theme = entered(&themes, name.as_str()).map_err(at(&folder))?;
    let names = theme.names(MOST_FILES + 1).map_err(|e| at(&folder)(Odd::Unreadable(e)))?;
    if names.len() > MOST_FILES {
        return Err(at(&folder)(Odd::TooMany));
    }
    let (mut files, mut room) = (ThemeFiles::new(), MOST_BYTES);
    for name in names.iter().map(|name| name.to_string_lossy()).filter(|name| !name.starts_with('.')) {
        let bytes = bytes_of(&theme, &name, room).map_err(at(&format!("{folder}/{name}")))?;
        room -= bytes.len() as u64;
        files.insert(name.into_owned(), bytes);
    }
    Ok(files)
}

fn at(path: &str) -> impl Fn(Odd) -> ThemeError {
    let path = path.to_owned();
    move |odd| ThemeError { path: path.clone(), odd }
}

fn entered(folder: &Folder, name: &str) -> Result<Folder, Odd> {
    match folder.kind(name.as_ref()) {
        Ok(FileType::Directory) => folder.enter(name.as_ref()).map_err(vanished),
        Ok(FileType::Symlink) => Err(Odd::Link),
        Ok(_) => Err(Odd::NoFolder),
        Err(error) => Err(vanished(error)),
    }
}

fn bytes_of(theme: &Folder, name: &str, room: u64) -> Result<Vec<u8>, Odd> {
    if !is_plain(name) {
        return Err(Odd::Name);
    }
    match theme.kind(name.as_ref()).map_err(vanished)? {
        FileType::Symlink => return Err(Odd::Link),
        FileType::RegularFile if !is_known(name) => return Err(Odd::Kind),
        FileType::RegularFile => {}
        _ => return Err(Odd::NoFile),
    }
    // What was looked at may be another thing by now: opening follows no link, and takes nothing
    // but a file.
    let file = theme.open(name.as_ref()).map_err(vanished)?;
    // A hole of a terabyte takes no room on the disk.
    if file.metadata().map_err(Odd::Unreadable)?.len() > room {
        return Err(Odd::TooLarge);
    }
    let mut bytes = Vec::new();
    file.take(room + 1).read_to_end(&mut bytes).map_err(Odd::Unreadable)?;
    if bytes.len() as u64 > room { Err(Odd::TooLarge) } else { Ok(bytes) }
}

fn is_known(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

fn vanished(error: io::Error) -> Odd {
    match error.kind() {
        ErrorKind::NotFound => Odd::Missing,
        ErrorKind::InvalidInput => Odd::NoFile,
        _ => Odd::Unreadable(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, Mode, mkfifoat};
    use std::{
        fs::{self, File},
        os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener},
    };

    /// A folder with a theme `plain`, and beside the archive what nobody is to see.
    fn ground() -> tempfile::TempDir {
        let ground = tempfile::tempdir().unwrap();
        fs::create_dir_all(ground.path().join("archive/themes/plain")).unwrap();
        fs::create_dir_all(ground.path().join("archive/.chancery/keys")).unwrap();
        fs::write(ground.path().join("archive/.chancery/keys/server"), "PRIVATE").unwrap();
        fs::write(ground.path().join("secret.css"), "SECRET").unwrap();
        fs::write(ground.path().join("archive/themes/plain/style.css"), "body{}").unwrap();
        ground
    }

    fn theme(ground: &tempfile::TempDir) -> std::path::PathBuf {
        ground.path().join("archive/themes/plain")
    }

    fn reading(ground: &tempfile::TempDir) -> Result<ThemeFiles, String> {
        read(&ground.path().join("archive"), &ThemeName::new("plain").unwrap()).map_err(|error| error.to_string())
    }

    fn refused(ground: &tempfile::TempDir, expected: &str) {
        assert_eq!(reading(ground).map(|files| files.into_keys().collect::<Vec<_>>()), Err(expected.to_owned()));
    }

    #[test]
    fn a_themes_name_is_one_plain_segment() {
        let long = "a".repeat(LONGEST_NAME + 1);
        for name in [
            "..",
            ".",
            "",
            "../.chancery/keys",
            "/etc/ssh",
            "a/b",
            "a\\b",
            "a\0",
            ".hidden",
            "-rf",
            "a b",
            "a\n",
            "%2e%2e",
            "主题",
            "a\u{202e}b",
            &long,
        ] {
            assert_eq!(ThemeName::new(name), None, "{name:?}");
        }
        for name in ["plain", "Blue_2", "a.b-c", "_"] {
            assert_eq!(ThemeName::new(name).map(|name| name.to_string()).as_deref(), Some(name));
        }
    }

    #[test]
    fn plain_files_of_known_kinds_are_read_and_names_with_a_dot_before_them_are_none() {
        let ground = ground();
        fs::write(theme(&ground).join("home.html"), "x").unwrap();
        fs::write(theme(&ground).join(".home.html.swp"), "x").unwrap();
        symlink("/etc/hostname", theme(&ground).join(".#home.html")).unwrap();
        assert_eq!(reading(&ground).unwrap().into_keys().collect::<Vec<_>>(), ["home.html", "style.css"]);
    }

    #[test]
    fn no_link_is_followed() {
        for target in ["../../../secret.css", "/etc/hostname", "style.css", "nowhere", "../../.chancery/keys", "."] {
            let ground = ground();
            symlink(target, theme(&ground).join("mark.svg")).unwrap();
            refused(&ground, "themes/plain/mark.svg: a symbolic link");
        }
        for target in ["../.chancery/keys", "/etc/ssh", "..", "nowhere"] {
            let ground = ground();
            fs::remove_dir_all(theme(&ground)).unwrap();
            symlink(target, theme(&ground)).unwrap();
            refused(&ground, "themes/plain: a symbolic link");
        }
        let ground = ground();
        fs::rename(ground.path().join("archive/themes"), ground.path().join("elsewhere")).unwrap();
        symlink("../elsewhere", ground.path().join("archive/themes")).unwrap();
        refused(&ground, "themes: a symbolic link");
    }

    /// The folder that was opened is read to the end, and a file that became a link meanwhile is
    /// none.
    #[test]
    fn what_is_swapped_between_looking_and_reading_leads_nowhere() {
        let ground = ground();
        let opened = Folder::of(&theme(&ground)).unwrap();
        assert_eq!(opened.kind("style.css".as_ref()).unwrap(), FileType::RegularFile);
        fs::remove_file(theme(&ground).join("style.css")).unwrap();
        symlink("../../../secret.css", theme(&ground).join("style.css")).unwrap();
        assert_eq!(opened.open("style.css".as_ref()).unwrap_err().kind(), ErrorKind::NotFound);
        fs::remove_file(theme(&ground).join("style.css")).unwrap();
        fs::write(theme(&ground).join("style.css"), "own").unwrap();
        fs::rename(theme(&ground), ground.path().join("moved")).unwrap();
        symlink("../.chancery/keys", theme(&ground)).unwrap();
        assert_eq!(opened.names(9).unwrap(), ["style.css"], "the folder that was opened, not what took its name");
    }

    #[test]
    fn what_is_no_plain_file_of_a_known_kind_is_refused_by_its_name() {
        let odd = |make: &dyn Fn(&Path), expected: &str| {
            let ground = ground();
            make(&theme(&ground));
            refused(&ground, expected);
        };
        let kind = "a kind of file that no theme has";
        for name in ["server", "id_ed25519", "notes.txt", "HOME.HTML", "style.Css", "x.pdf", "x.json", "x.html.bak", "x."] {
            odd(&|theme| fs::write(theme.join(name), "x").unwrap(), &format!("themes/plain/{name}: {kind}"));
        }
        odd(&|theme| fs::create_dir(theme.join("fonts.css")).unwrap(), "themes/plain/fonts.css: not a plain file");
        odd(&|theme| mkfifoat(CWD, theme.join("a.js"), Mode::RUSR).unwrap(), "themes/plain/a.js: not a plain file");
        odd(&|theme| drop(UnixListener::bind(theme.join("a.js")).unwrap()), "themes/plain/a.js: not a plain file");
        let name = "a name of other characters than ASCII letters, digits, `-`, `_` and `.`";
        odd(&|theme| fs::write(theme.join("a b.css"), "x").unwrap(), &format!("themes/plain/a b.css: {name}"));
        odd(&|theme| fs::write(theme.join("标志.svg"), "x").unwrap(), &format!("themes/plain/标志.svg: {name}"));
        let bytes = std::ffi::OsStr::from_bytes(b"a\xff.css");
        odd(&|theme| fs::write(theme.join(bytes), "x").unwrap(), &format!("themes/plain/a\u{fffd}.css: {name}"));
    }

    #[test]
    fn a_hole_of_a_terabyte_and_a_thousand_files_are_refused_at_once() {
        let large = ground();
        File::create(theme(&large).join("font.woff2")).unwrap().set_len(1 << 40).unwrap();
        refused(&large, "themes/plain/font.woff2: more than 33554432 bytes in all");
        let two = ground();
        for name in ["a.woff2", "b.woff2"] {
            File::create(theme(&two).join(name)).unwrap().set_len(MOST_BYTES / 2 + 1).unwrap();
        }
        refused(&two, "themes/plain/b.woff2: more than 33554432 bytes in all");
        let many = ground();
        (0..1000).for_each(|n| fs::write(theme(&many).join(format!("{n}.css")), "").unwrap());
        refused(&many, "themes/plain: more than 240 names");
    }

    #[test]
    fn what_is_not_there_or_no_folder_is_told() {
        let ground = ground();
        let archive = ground.path().join("archive");
        let name = ThemeName::new("none").unwrap();
        assert_eq!(read(&archive, &name).unwrap_err().to_string(), "themes/none: there is no such folder");
        assert!(!is_there(&archive, &name) && is_there(&archive, &ThemeName::new("plain").unwrap()));
        fs::write(archive.join("themes/none"), "").unwrap();
        assert_eq!(read(&archive, &name).unwrap_err().to_string(), "themes/none: not a folder");
    }
}
