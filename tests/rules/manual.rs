//! The manual and the README say what the program does.

use crate::support::{Shipped, golden};
use chancery::{
    diagnostic::{Lang, codes::BUILT_IN},
    policy::Keyword,
};
use std::{collections::BTreeSet, fs, path::Path};

fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `docs/commands.md` is the help of every command.
#[test]
fn the_manual_has_the_help_of_every_command() {
    let mut manual = String::from("# 命令 · The commands\n\nThis page is made from the help texts; a test compares it.\n");
    for lang in [Lang::Zh, Lang::En] {
        manual.push_str(if lang == Lang::Zh { "\n## 中文\n" } else { "\n## English\n" });
        for (name, help) in chancery::cli::help(lang) {
            let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
            manual.push_str(&format!("\n### {name}\n\n```text\n{}\n```\n", lines.join("\n")));
        }
    }
    golden::is_kept("docs/commands.md", &manual);
}

/// `docs/findings.md` is what `explain` prints without a code.
#[test]
fn the_manual_has_every_code_with_its_article_and_remedy() {
    let shipped = Shipped::copy();
    let page = |lang| shipped.prints(0, &["explain", "--lang", lang]).replace("\n## ", "\n### ").replacen("## ", "### ", 1);
    let head =
        "# 问题代码 · The codes of findings\n\nThis page is what `chancery explain` prints for the shipped archive; a test compares it.\n";
    let manual = format!("{head}\n## 中文\n\n{}\n## English\n\n{}", page("zh"), page("en"));
    golden::is_kept("docs/findings.md", &manual);
    // Every row names an article or is built in without one; and every row names a remedy.
    for row in manual.lines().filter(|line| line.starts_with("| `")) {
        let remedy = row.rsplit(" | ").next().unwrap().trim_end_matches('|').trim();
        assert!(!remedy.is_empty(), "{row}");
    }
}

/// The codes that the source names, of the families of the built-in ones: `family.name` between
/// quotation marks, in what is not for tests.
fn codes_in_the_source() -> BTreeSet<String> {
    let families: BTreeSet<&str> = BUILT_IN.iter().filter_map(|known| known.code.split('.').next()).collect();
    let is_code = |text: &str| {
        let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        text.split_once('.').is_some_and(|(family, name)| families.contains(family) && word(name) && name != "html")
    };
    let root = repository("src");
    let files = walkdir::WalkDir::new(&root).into_iter().map(|entry| entry.unwrap().into_path());
    let speaks = |path: &Path| {
        let is_test = path.strip_prefix(&root).unwrap().iter().any(|part| part == "tests" || part == "tests.rs");
        path.extension().is_some_and(|own| own == "rs") && !is_test && !path.ends_with("diagnostic/codes.rs")
    };
    let sources = files.filter(|path| speaks(path)).map(|path| fs::read_to_string(path).unwrap());
    let codes = |source: String| {
        let program = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        program.split('"').filter(|text| is_code(text)).map(str::to_owned).collect::<Vec<_>>()
    };
    sources.flat_map(codes).collect()
}

/// Every code that the program can give is in the list of which the manual is made (or is the rule
/// of a policy that is shipped), and the list has no other.
#[test]
fn the_list_of_codes_is_what_the_source_names() {
    let named = codes_in_the_source();
    let listed: BTreeSet<String> = BUILT_IN.iter().map(|known| known.code.to_owned()).collect();
    assert!(listed.is_subset(&named), "no finding bears {:?}", listed.difference(&named));
    let manual = fs::read_to_string(repository("docs/findings.md")).unwrap();
    let unknown: Vec<&String> = named.difference(&listed).filter(|code| !manual.contains(&format!("\n| `{code}` |"))).collect();
    assert!(unknown.is_empty(), "src/diagnostic/codes.rs lacks {unknown:?}");
    assert!(BUILT_IN.is_sorted_by_key(|known| known.code));
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for known in BUILT_IN {
        let ([about, about_en], [remedy, remedy_en]) = (known.about, known.remedy);
        assert!(about.contains(is_han) && remedy.contains(is_han), "{}", known.code);
        assert!([about_en, remedy_en].iter().all(|words| !words.is_empty() && !words.contains(is_han)), "{}", known.code);
    }
}

/// What the README shows is what `check` prints.
#[test]
fn the_finding_in_the_readme_is_the_programs_own() {
    let shipped = Shipped::copy();
    shipped.edit("records/customers/C-0006.md", "credit_limit: 0\n", "credit_limit: 5000\n");
    let said = shipped.prints(1, &["check", "records/customers/C-0006.md"]);
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let (command, finding) = shown.split_once('\n').unwrap();
    assert_eq!(command, "$ chancery check records/customers/C-0006.md");
    assert!(said.starts_with(finding), "{said}");
}

/// The README names every command, and no other.
#[test]
fn the_readme_names_every_command() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    for (name, _) in chancery::cli::help(Lang::En) {
        assert!(readme.contains(&name), "{name}");
    }
}

/// The reference of the blocks tells of every kind, and of no other.
#[test]
fn the_reference_has_every_kind_of_block() {
    let reference = fs::read_to_string(repository("docs/policies.md")).unwrap();
    let (_, blocks) = reference.split_once("\n## Blocks\n").unwrap();
    let (blocks, _) = blocks.split_once("\n## ").unwrap();
    let named = Keyword::ALL.map(|kind| format!("`{}`", kind.name()));
    assert!(blocks.contains(&format!("`yaml` and a kind: {}.", named.join(", "))));
    let headings = blocks.lines().filter_map(|line| line.strip_prefix("### "));
    assert_eq!(headings.flat_map(|heading| heading.split(", ")).collect::<Vec<_>>(), Keyword::ALL.map(Keyword::name));
}

/// The map has a paragraph for every module of the library, in their order.
#[test]
fn the_map_has_every_module() {
    let library = fs::read_to_string(repository("src/lib.rs")).unwrap();
    let modules: Vec<&str> = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let map = fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let told: Vec<&str> = map.lines().filter_map(|line| line.strip_prefix("**`")?.split_once("`**").map(|(name, _)| name)).collect();
    assert!(modules.len() > 10);
    assert_eq!(told, modules);
}

/// A module is known by what it never does.
#[test]
fn the_map_says_what_each_module_never_does() {
    let map = fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let (_, modules) = map.split_once("## The modules").unwrap();
    for paragraph in modules.split("\n\n").filter(|paragraph| paragraph.starts_with("**`")) {
        assert!(paragraph.contains("never"), "{paragraph}");
    }
}

#[test]
fn every_command_speaks_both_languages() {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for ((name, zh), (_, en)) in chancery::cli::help(Lang::Zh).into_iter().zip(chancery::cli::help(Lang::En)) {
        assert!(zh.lines().next().unwrap().contains(is_han), "{name}: {zh}");
        assert!(!en.contains(is_han), "{name}: {en}");
    }
}

#[test]
fn what_the_documents_link_to_is_there() {
    for page in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/commands.md",
        "docs/policies.md",
        "docs/findings.md",
        "docs/writing.md",
        "docs/writing.zh.md",
        "docs/serving.md",
        "docs/serving.zh.md",
        "records/README.md",
        "themes/README.md",
    ] {
        let (path, text) = (repository(page), fs::read_to_string(repository(page)).unwrap());
        let targets = text.split("](").skip(1).filter_map(|behind| behind.split(')').next());
        for target in targets.filter(|target| !target.contains(':') && !target.starts_with('#') && !target.contains(' ')) {
            let file = target.split('#').next().unwrap();
            assert!(path.with_file_name(file).exists(), "{page} links to {target}");
        }
    }
}
