//! A disk that can lose its power: a file layer of SQLite's (a "VFS",
//! <https://www.sqlite.org/vfs.html>) before the machine's own. It passes every call on and keeps,
//! of each file, what a real disk is bound to keep: what was there when the file was last synced,
//! under the name that it had when its folder was last synced.
#![allow(unsafe_code, reason = "SQLite calls it from C")]

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};
use std::{
    cell::Cell,
    collections::BTreeMap,
    ffi::{CStr, c_char, c_int, c_void},
    fs,
    path::{Path, PathBuf},
    ptr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, RwLock},
    thread,
    time::Duration,
};

/// How a disk does its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    Sound,
    /// A sync takes so long.
    Slow(Duration),
    /// It says that it has synced, and has not.
    Pretending,
    /// It takes no writes.
    Full,
    /// Syncs fail; what they were to make last never will, though it can be read back as long as
    /// there is power, and a later sync says nothing of it (as Linux does).
    Failing,
}

/// What else a disk may have of what it was not bound to keep.
pub enum Beyond<'c> {
    Nothing,
    /// Any part, in blocks of 512 bytes, of what was written; any file whose name was not synced.
    /// The chances are drawn with this.
    SomeOf(&'c mut dyn FnMut(u64) -> u64),
}

/// The disk of a folder.
pub struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
}

struct State {
    condition: Condition,
    files: Vec<File>,
    /// Which file a name stands for, and for which it does after a loss of power.
    names: BTreeMap<String, usize>,
    kept_names: BTreeMap<String, usize>,
    syncs: usize,
}

#[derive(Default)]
struct File {
    kept: Vec<u8>,
    since: Vec<Change>,
}

enum Change {
    Written(usize, Vec<u8>),
    Cut(usize),
}

const BLOCK: usize = 512;

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Written(at, written) => {
                bytes.resize(bytes.len().max(at + written.len()), 0);
                bytes[*at..at + written.len()].copy_from_slice(written);
            }
            Change::Cut(length) => bytes.resize(*length, 0),
        }
    }

    /// The parts that come to a disk together.
    fn parts(&self) -> Vec<Change> {
        match self {
            Change::Written(at, written) => {
                (0..).step_by(BLOCK).zip(written.chunks(BLOCK)).map(|(n, part)| Change::Written(at + n, part.to_vec())).collect()
            }
            Change::Cut(length) => vec![Change::Cut(*length)],
        }
    }
}

/// The disks, by which the file layer knows what to keep; other folders are none of its business.
static DISKS: RwLock<Vec<Arc<Disk>>> = RwLock::new(Vec::new());

impl Disk {
    /// Watches a folder from now on; what is in it is on the disk.
    pub fn of(folder: &Path) -> Arc<Disk> {
        install();
        let folder = folder.canonicalize().unwrap();
        let (mut files, mut names) = (Vec::new(), BTreeMap::new());
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            names.insert(path.file_name().unwrap().to_str().unwrap().to_owned(), files.len());
            files.push(File { kept: fs::read(path).unwrap(), since: Vec::new() });
        }
        let state = State { condition: Condition::Sound, files, kept_names: names.clone(), names, syncs: 0 };
        let disk = Arc::new(Disk { folder, state: Mutex::new(state) });
        DISKS.write().unwrap().push(disk.clone());
        disk
    }

    fn find(path: &Path) -> Option<(Arc<Disk>, String)> {
        let disk = DISKS.read().unwrap().iter().find(|disk| path.parent() == Some(&disk.folder))?.clone();
        Some((disk, path.file_name()?.to_str()?.to_owned()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn becomes(&self, condition: Condition) {
        self.state().condition = condition;
    }

    /// How many syncs of files were asked for.
    pub fn syncs(&self) -> usize {
        self.state().syncs
    }

    /// What is there if the power goes now, in a new folder.
    pub fn without_power(&self, mut beyond: Beyond<'_>) -> tempfile::TempDir {
        let left = tempfile::tempdir().unwrap();
        let state = self.state();
        let mut names = state.kept_names.clone();
        if let Beyond::SomeOf(chance) = &mut beyond {
            names.extend(state.names.iter().filter(|_| chance(2) == 0).map(|(name, file)| (name.clone(), *file)));
        }
        for (name, file) in names {
            let file = &state.files[file];
            let mut bytes = file.kept.clone();
            if let Beyond::SomeOf(chance) = &mut beyond {
                let parts = file.since.iter().flat_map(Change::parts);
                parts.filter(|_| chance(2) == 0).for_each(|part| part.apply(&mut bytes));
            }
            fs::write(left.path().join(name), bytes).unwrap();
        }
        left
    }
}

impl State {
    fn opened(&mut self, name: &str) -> usize {
        *self.names.entry(name.to_owned()).or_insert_with(|| {
            self.files.push(File::default());
            self.files.len() - 1
        })
    }

    fn write(&mut self, file: usize, at: usize, bytes: &[u8]) {
        self.files[file].since.push(Change::Written(at, bytes.to_vec()));
    }

    fn cut(&mut self, file: usize, length: usize) {
        self.files[file].since.push(Change::Cut(length));
    }

    fn synced(&mut self, file: usize) {
        let File { kept, since } = &mut self.files[file];
        since.drain(..).for_each(|change| change.apply(kept));
    }

    fn failed(&mut self, file: usize) {
        self.files[file].since.clear();
    }

    fn folder_synced(&mut self) {
        self.kept_names = self.names.clone();
    }
}

thread_local! {
    /// Whether the machine's file layer has synced a folder since this was last looked at. It does
    /// so within a sync or a deletion, unasked.
    static FOLDER_SYNCED: Cell<bool> = const { Cell::new(false) };
}

/// The machine's own file layer, and its way to open a folder in order to sync it.
struct Machine {
    layer: *mut sqlite3_vfs,
    open: unsafe extern "C" fn(*mut sqlite3_vfs, *const c_char, *mut sqlite3_file, c_int, *mut c_int) -> c_int,
    delete: unsafe extern "C" fn(*mut sqlite3_vfs, *const c_char, c_int) -> c_int,
    open_folder: OpenFolder,
}

type OpenFolder = unsafe extern "C" fn(*const c_char, *mut c_int) -> c_int;

// SAFETY: SQLite's own file layer is one static object, which is not changed after `install` and
// whose functions may be called from any thread.
unsafe impl Send for Machine {}
// SAFETY: as above.
unsafe impl Sync for Machine {}

static MACHINE: OnceLock<Machine> = OnceLock::new();

fn machine() -> &'static Machine {
    MACHINE.get().expect("no file is opened through this layer before it is installed")
}

/// Puts this layer before the machine's own, for every connection of this process that is opened
/// from now on.
fn install() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: the default layer of a process lives as long as it does. The copy has the same
        // functions but for two, which call the original ones with the original layer; it is
        // leaked, so that SQLite may keep it. `openDirectory` has the type of SQLite's own table of
        // system calls (os_unix.c, `aSyscall`).
        unsafe {
            let layer = ffi::sqlite3_vfs_find(ptr::null());
            let folder = c"openDirectory".as_ptr();
            let open_folder = ((*layer).xGetSystemCall.unwrap())(layer, folder).unwrap();
            let open_folder = std::mem::transmute::<unsafe extern "C" fn(), OpenFolder>(open_folder);
            let (open, delete) = ((*layer).xOpen.unwrap(), (*layer).xDelete.unwrap());
            assert!(MACHINE.set(Machine { layer, open, delete, open_folder }).is_ok());
            let noting = std::mem::transmute::<OpenFolder, unsafe extern "C" fn()>(note_folder);
            assert_eq!(((*layer).xSetSystemCall.unwrap())(layer, folder, Some(noting)), ffi::SQLITE_OK);
            let own = Box::leak(Box::new(ptr::read(layer)));
            own.zName = c"may-lose-power".as_ptr();
            own.pNext = ptr::null_mut();
            own.xOpen = Some(open_file);
            own.xDelete = Some(delete_file);
            assert_eq!(ffi::sqlite3_vfs_register(own, 1), ffi::SQLITE_OK);
        }
    });
}

unsafe extern "C" fn note_folder(path: *const c_char, folder: *mut c_int) -> c_int {
    FOLDER_SYNCED.set(true);
    // SAFETY: the arguments are passed on as they came.
    unsafe { (machine().open_folder)(path, folder) }
}

/// What an open file's `pMethods` points at: the methods, which must come first, and whose file it
/// is.
#[repr(C)]
struct Methods {
    own: sqlite3_io_methods,
    real: *const sqlite3_io_methods,
    disk: Arc<Disk>,
    file: usize,
}

unsafe extern "C" fn open_file(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    opened: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: the arguments are passed on as they came, with the layer that the function belongs
    // to. The copied layer has the size of the machine's files, so `opened` has room for one.
    let answer = unsafe { (machine().open)(machine().layer, name, opened, flags, out) };
    if answer != ffi::SQLITE_OK || name.is_null() {
        return answer;
    }
    // SAFETY: a name that is not null is a C string that lives as long as the file is open.
    let path = unsafe { CStr::from_ptr(name) }.to_str().unwrap();
    let Some((disk, name)) = Disk::find(Path::new(path)) else { return answer };
    let file = disk.state().opened(&name);
    // SAFETY: the file was opened, so it has methods; those stay where they are, for they are
    // static. The box is taken back in `close_file`, after which SQLite does not use the file.
    unsafe {
        let real = (*opened).pMethods;
        let own = sqlite3_io_methods {
            xWrite: Some(write_file),
            xTruncate: Some(cut_file),
            xSync: Some(sync_file),
            xClose: Some(close_file),
            ..ptr::read(real)
        };
        (*opened).pMethods = Box::into_raw(Box::new(Methods { own, real, disk, file })).cast();
    }
    answer
}

/// # Safety
/// For files that `open_file` has opened, and not closed.
unsafe fn methods<'f>(opened: *mut sqlite3_file) -> &'f Methods {
    // SAFETY: `open_file` has put a `Methods` there, whose first field is what the pointer's type
    // says.
    unsafe { &*(*opened).pMethods.cast::<Methods>() }
}

unsafe extern "C" fn close_file(opened: *mut sqlite3_file) -> c_int {
    // SAFETY: called once for each file that was opened; the real methods are put back and asked to
    // close it, and the box is ours again.
    unsafe {
        let methods = Box::from_raw((*opened).pMethods.cast_mut().cast::<Methods>());
        (*opened).pMethods = methods.real;
        ((*methods.real).xClose.unwrap())(opened)
    }
}

unsafe extern "C" fn write_file(opened: *mut sqlite3_file, bytes: *const c_void, length: c_int, at: i64) -> c_int {
    // SAFETY: an open file of ours.
    let methods = unsafe { methods(opened) };
    let mut state = methods.disk.state();
    if state.condition == Condition::Full {
        return ffi::SQLITE_FULL;
    }
    // SAFETY: the arguments are passed on as they came; SQLite hands over as many bytes as it says.
    let (answer, bytes) = unsafe {
        let answer = ((*methods.real).xWrite.unwrap())(opened, bytes, length, at);
        (answer, std::slice::from_raw_parts(bytes.cast::<u8>(), usize::try_from(length).unwrap()))
    };
    state.write(methods.file, usize::try_from(at).unwrap(), bytes);
    answer
}

unsafe extern "C" fn cut_file(opened: *mut sqlite3_file, length: i64) -> c_int {
    // SAFETY: an open file of ours.
    let methods = unsafe { methods(opened) };
    let mut state = methods.disk.state();
    state.cut(methods.file, usize::try_from(length).unwrap());
    // SAFETY: the arguments are passed on as they came.
    unsafe { ((*methods.real).xTruncate.unwrap())(opened, length) }
}

unsafe extern "C" fn sync_file(opened: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let methods = unsafe { methods(opened) };
    // Held until the sync is over: nothing is written meanwhile that would then be taken for
    // synced.
    let mut state = methods.disk.state();
    state.syncs += 1;
    match state.condition {
        Condition::Pretending => return ffi::SQLITE_OK,
        Condition::Failing => {
            state.failed(methods.file);
            return ffi::SQLITE_IOERR_FSYNC;
        }
        Condition::Slow(time) => thread::sleep(time),
        Condition::Sound | Condition::Full => {}
    }
    FOLDER_SYNCED.set(false);
    // SAFETY: the arguments are passed on as they came.
    let answer = unsafe { ((*methods.real).xSync.unwrap())(opened, flags) };
    if answer == ffi::SQLITE_OK {
        state.synced(methods.file);
        if FOLDER_SYNCED.take() {
            state.folder_synced();
        }
    }
    answer
}

unsafe extern "C" fn delete_file(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite hands over a C string.
    let path = unsafe { CStr::from_ptr(name) }.to_str().unwrap();
    let found = Disk::find(Path::new(path));
    let mut state = found.as_ref().map(|(disk, _)| disk.state());
    FOLDER_SYNCED.set(false);
    // SAFETY: the arguments are passed on as they came, with the layer that the function belongs
    // to.
    let answer = unsafe { (machine().delete)(machine().layer, name, sync) };
    if let (ffi::SQLITE_OK, Some(state), Some((_, name))) = (answer, &mut state, &found) {
        state.names.remove(name);
        if FOLDER_SYNCED.take() && state.condition != Condition::Pretending {
            state.folder_synced();
        }
    }
    answer
}
