//! A page costs what it shows, however many records there are. The shipped archive is opened as it
//! is, and grown to ten thousand records; what every kind of page takes the second time that it is
//! asked for (what is worked out once a view is held by `tests/counting/growth.rs`) is counted in both:
//! judgements, look-ups, and bytes of copies. Wall time would tell of the machine.

use crate::support::{
    families::Growth,
    memory::{InMemory, settings_of, shipped_files, signed, sources_of},
};
use crate::{alone, counting};
use chancery::{
    access::{Office, Reader, View},
    diagnostic::Lang,
    render::{self, Session, Theme},
    search::Index,
    source::trial,
};
use std::{collections::BTreeSet, path::Path, sync::LazyLock};

static THEME: LazyLock<Theme> = LazyLock::new(Theme::built_in);

const SIZE: usize = 10_000;
/// Reads most of the archive, approves, and is told of what those below are to do.
const READER: &str = "lu.mingyuan";

/// How much of a kind of work was done until now.
type Count = fn() -> u64;

/// The kinds of work: name, count, and how much more of it a page may take that shows no more.
const KINDS: [(&str, Count, f64); 3] =
    [("judgements", trial::judgements, 100.0), ("look-ups", trial::look_ups, 200.0), ("bytes of copies", counting::taken, 200_000.0)];

/// Beside that, for each byte that is shown: a page that shows twice as much may cost twice as
/// much, and a logarithm.
const AT_MOST: f64 = 1.3;

/// What grows with the archive today all the same, by its address or the begin of it, with why: in
/// proportion to the records, or to what is found and due in them, and no faster. Whoever mends one
/// takes it out: the test fails where one grows no longer.
const GROWING: [(&str, &str); 1] = [("search *", "a query gathers all of its hits, to count them and to put them in order")];

/// What a page took, and how much it shows.
#[derive(Clone, Copy, Debug)]
struct Cost {
    work: [f64; 3],
    shown: f64,
}

/// The cost of what is asked for the second time.
fn cost(ask: impl Fn() -> usize) -> Cost {
    let now = || KINDS.map(|(_, count, _)| count());
    ask();
    let before = now();
    let shown = ask() as f64;
    let after = now();
    Cost { work: [0, 1, 2].map(|kind| (after[kind] - before[kind]) as f64), shown }
}

/// Ids of a record, of a person and of a policy fill the templates; the record is one that grew no
/// backlinks.
fn addresses() -> Vec<String> {
    let filled = render::templates().flat_map(|template| {
        let ids = match template.split('/').nth(1).unwrap() {
            "records" => &["C-0004", "GR-20260513-3ssy"][..],
            "people" => &[READER, "zhong.nan"],
            "policies" => &["credit", "organisation"],
            "types" => &["customer", "visit", "person"],
            _ => &[""],
        };
        ids.iter().map(move |id| {
            let pieces = template.split('/').map(|piece| match piece {
                "{number}" => "2",
                "{name}" => "a.pdf",
                piece if piece.starts_with('{') => id,
                piece => piece,
            });
            pieces.collect::<Vec<_>>().join("/")
        })
    });
    filled.collect()
}

/// The cost of every page that there is, and of searches, for somebody who is signed in.
fn costs(office: &Office) -> Vec<(String, Option<Cost>)> {
    let session = Session { name: READER.to_owned(), signs: true, ..Session::default() };
    let view = || office.view(Reader::Person(READER.into()));
    let index = Index::build(office).unwrap();
    let page = |address: String| {
        let shown = || render::page(&address, &view(), &THEME, Some(&session)).unwrap().map(|page| page.body.len());
        let cost = shown().map(|_| cost(|| shown().unwrap()));
        (address, cost)
    };
    let search = |query: &str| {
        let hits = |view: &View<'_>| index.search(query, view, 0, render::A_PAGE).unwrap();
        let found = || {
            let view = view();
            render::search(Lang::Zh, query, 1, &hits(&view), &view, &THEME, &session).unwrap().body.len()
        };
        (format!("search {query}"), Some(cost(found)))
    };
    let seen = || cost(|| usize::from(view().digest()[0] > 0));
    let pages = addresses().into_iter().map(page);
    // One word that every copy has, one that none has, and one that nobody wrote.
    pages.chain(["货款", "信用额度 付清", "饕餮"].map(search)).chain([("digest".to_owned(), Some(seen()))]).collect()
}

fn shipped() -> Office {
    InMemory::shipped().open(InMemory::shipped().demo_day())
}

fn grown() -> Office {
    let today = InMemory::shipped().demo_day();
    let mut files = shipped_files();
    let copies = Growth::to(SIZE).copies(Path::new(env!("CARGO_MANIFEST_DIR")));
    files.extend(copies.map(|(path, text)| (path, text.into_bytes())));
    let files = signed(files, today);
    Office::open(sources_of(&files), settings_of(&files), today)
}

/// Whether an address is one of those that grow: the address itself, or below the one that ends in
/// an asterisk.
fn is_of(address: &str, growing: &str) -> bool {
    growing.strip_suffix('*').map_or(address == growing, |above| address.len() > above.len() && address.starts_with(above))
}

#[test]
fn what_a_page_takes_does_not_grow_with_the_archive() {
    let _alone = alone();
    let (small, large) = (shipped(), grown());
    let sizes = |office: &Office| -> [f64; 3] {
        let report = office.whole_report();
        [office.archive.records.len(), report.findings.len() + report.past.len(), report.duties.len()].map(|size| size as f64)
    };
    let times = sizes(&large).into_iter().zip(sizes(&small)).map(|(large, small): (f64, f64)| large / small).fold(1.0, f64::max);
    assert!(large.archive.records.len() >= SIZE && small.archive.records.len() * 8 < SIZE);
    let (small, large) = (costs(&small), costs(&large));
    let counted = KINDS.map(|(_, count, _)| count());
    assert!(counted.iter().all(|count| *count > 100_000), "all are counted: {counted:?}");
    let (mut told, mut grew) = (Vec::new(), BTreeSet::<&str>::new());
    for ((address, once), (_, grown)) in small.into_iter().zip(large) {
        let (Some(once), Some(grown)) = (once, grown) else { continue };
        println!("{address}: {once:?} {grown:?}");
        let shows = (grown.shown / once.shown).max(1.0);
        let known = GROWING.iter().find(|(growing, _)| is_of(&address, growing)).map(|(growing, _)| growing);
        for (at, (kind, _, more)) in KINDS.iter().enumerate() {
            let (few, many) = (once.work[at], grown.work[at]);
            let holds = |times: f64| many <= few * times * AT_MOST + more;
            if !holds(shows) {
                grew.extend(known.copied());
            }
            if !holds(if known.is_some() { times.max(shows) } else { shows }) {
                told.push(format!("{address}: {many} {kind}, {few} in the smaller archive, and shows {shows:.2} as much"));
            }
        }
    }
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    let mended: Vec<_> = GROWING.iter().filter(|(growing, _)| !grew.contains(growing)).collect();
    assert!(mended.is_empty(), "these grow no longer, and are to be taken out of the list: {mended:?}");
}
