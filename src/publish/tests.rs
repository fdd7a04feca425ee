use super::*;
use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

/// What was made before.
fn publish(pages: &[Page], out: &Path) -> Result<usize, PublishError> {
    publish_watched(pages, out, &|| ())
}

fn publish_watched(pages: &[Page], out: &Path, moment: &(dyn Fn() + Sync)) -> Result<usize, PublishError> {
    let addresses: Vec<&str> = pages.iter().map(|page| page.address.as_str()).collect();
    let made = |address: &str| Ok(pages.iter().find(|page| page.address == address).cloned());
    super::publish_watched(&addresses, &made, out, moment)
}

fn page(address: &str, body: &str) -> Page {
    Page { address: address.to_owned(), content_type: "text/html", body: body.as_bytes().to_vec(), record: None }
}

/// A site in which every page tells the edition.
fn site(edition: &str) -> Vec<Page> {
    let records = (0..6).map(|n| page(&format!("/records/C-{n}/"), &format!("{edition} {n}")));
    records.chain([page("/", edition), page("/assets/style.css", edition), page("/records/%E7%A6%BE%20%E6%BA%90/", edition)]).collect()
}

/// Every file below a folder, with its text.
fn read(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).follow_root_links(true).sort_by_file_name().into_iter().map(Result::unwrap) {
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
    files
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn pages_are_files_in_a_plain_folder() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("public");
    publish(&[page("/", "home"), page("/records/a%2Fb/", "b"), page("/records/a%2Fb/files/x%20y.txt", "x")], &out).unwrap();
    let expected = [(".chancery-site", ""), ("index.html", "home"), ("records/a/b/files/x y.txt", "x"), ("records/a/b/index.html", "b")];
    assert_eq!(read(&out), expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    assert_eq!(names(parent.path()), [".site-public.lock", "public"]);
    assert!(fs::symlink_metadata(&out).unwrap().is_dir(), "whoever copies it copies it whole");
}

#[test]
fn the_next_site_takes_the_place_of_the_last_and_nothing_else_remains() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("public");
    publish(&site("old"), &out).unwrap();
    publish(&[page("/", "new")], &out).unwrap();
    assert_eq!(read(&out), [(".chancery-site", ""), ("index.html", "new")].map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    assert_eq!(names(parent.path()), [".site-public.lock", "public"]);
}

#[test]
fn what_no_build_has_written_is_left_as_it_is() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("mine");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("letter.txt"), "dear").unwrap();
    let link = parent.path().join("link");
    std::os::unix::fs::symlink("mine", &link).unwrap();
    for out in [&folder, &folder.join("letter.txt"), &link] {
        assert!(matches!(publish(&site("new"), out), Err(PublishError::NotASite(_))), "{}", out.display());
    }
    assert_eq!(fs::read_to_string(link.join("letter.txt")).unwrap(), "dear");
}

#[test]
fn an_empty_folder_and_a_copied_site_are_replaced() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("public");
    fs::create_dir(&out).unwrap();
    publish(&site("old"), &out).unwrap();
    let copied = parent.path().join("copied");
    fs::rename(&out, &copied).unwrap();
    publish(&[page("/", "new")], &copied).unwrap();
    assert_eq!(read(&copied).get("index.html").map(String::as_str), Some("new"));
    assert!(fs::symlink_metadata(&copied).unwrap().is_dir());
}

#[test]
fn a_page_that_can_be_no_file_stops_the_build_before_it_begins() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("public");
    publish(&site("old"), &out).unwrap();
    let long = format!("/{}/", "a".repeat(256));
    for address in ["/../x/", "/%2E%2E/x", "/a//b/", "/.hidden", "/%00", "/%ff", "x", "/a%5Cb/", &long] {
        assert!(matches!(publish(&[page(address, "")], &out), Err(PublishError::Address(_))), "{address}");
    }
    assert!(matches!(publish(&[page("/a", ""), page("/a/", "")], &out), Err(PublishError::Address(_))));
    assert!(matches!(publish(&[page("/a/", ""), page("/a/index.html", "")], &out), Err(PublishError::Twice(..))));
    assert_eq!(read(&out).len(), site("old").len() + 1);
}

#[test]
fn two_builds_do_not_write_one_site() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("public");
    let inner = || assert!(matches!(publish(&site("second"), &out), Err(PublishError::Busy(_))));
    let once = std::sync::Once::new();
    publish_watched(&site("first"), &out, &|| once.call_once(inner)).unwrap();
}

/// Tells the child below where to publish, and before which of its steps to die.
const OUT: &str = "CHANCERY_TEST_PUBLISH_OUT";
const DIES_AT: &str = "CHANCERY_TEST_PUBLISH_DIES_AT";

/// Not a test of its own: the process that
/// [`killed_at_any_moment_a_build_leaves_the_old_site_or_the_new_one`] starts.
#[test]
fn child_that_dies_while_it_publishes() {
    let (Ok(out), Ok(at)) = (std::env::var(OUT), std::env::var(DIES_AT)) else { return };
    let (at, step): (u64, _) = (at.parse().unwrap(), AtomicU64::new(0));
    publish_watched(&site("new"), Path::new(&out), &|| {
        if step.fetch_add(1, Ordering::SeqCst) == at {
            // No destructor runs, no buffer is flushed: as if the power had gone.
            std::process::abort();
        }
    })
    .unwrap();
}

fn dies_at(out: &Path, step: u64) -> bool {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "publish::tests::child_that_dies_while_it_publishes"])
        .env(OUT, out)
        .env(DIES_AT, step.to_string())
        .output()
        .unwrap();
    !child.status.success()
}

/// An old site in each of the forms in which it can stand.
fn old_site(out: &Path, form: u64) {
    publish(&site("old"), out).unwrap();
    if form == 1 {
        fs::rename(out, out.with_file_name(".site-public-00000007")).unwrap();
        std::os::unix::fs::symlink(".site-public-00000007", out).unwrap();
    }
}

/// A folder in memory where the machine has one: twelve thousand times "down to the disk" would
/// take a minute.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

#[test]
fn killed_at_any_moment_a_build_leaves_the_old_site_or_the_new_one() {
    let parent = in_memory();
    let whole = |edition: &str, name: &str| {
        let out = parent.path().join(name);
        publish(&site(edition), &out).unwrap();
        read(&out)
    };
    let (old, new) = (whole("old", "a"), whole("new", "b"));
    let steps = AtomicU64::new(0);
    publish_watched(&site("new"), &parent.path().join("a"), &|| {
        steps.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    let steps = steps.into_inner();
    let (mut seed, mut killed, mut swapped) = (0x5eed_u64, 0, 0);
    for round in 0..200 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Every other time near the end, where the swap is.
        let step = if round % 2 == 0 { steps - 1 - (seed >> 33) % 6 } else { (seed >> 33) % steps };
        let folder = in_memory();
        let out = folder.path().join("public");
        old_site(&out, round % 2);
        killed += u32::from(dies_at(&out, step));
        let found = read(&out);
        assert!(found == old || found == new, "killed before step {step} of {steps}: neither the old site nor the new one");
        swapped += u32::from(found == new);
        publish(&site("new"), &out).unwrap();
        assert_eq!(read(&out), new, "the build after one killed before step {step}");
        assert_eq!(names(folder.path()).len(), 2, "{:?}", names(folder.path()));
    }
    assert!(killed >= 190 && swapped > 10, "{killed} were killed, {swapped} after the swap");
}
