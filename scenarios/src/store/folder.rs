//! The folder of runs: its lock, its staging area, its runs and which of them is current.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::manifest;

const CURRENT: &str = "CURRENT";
const LOCK: &str = ".lock";
const STAGING: &str = ".staging-";

/// A folder of runs, held by this process until dropped.
#[derive(Debug)]
pub struct Runs {
    root: PathBuf,
    /// Keeps the lock; the kernel frees it when the process ends, however it ends.
    _lock: File,
    /// Staging folders of dead runs that were removed on opening.
    pub recovered: Vec<String>,
}

impl Runs {
    /// Opens (making it if need be) and locks a folder of runs, and removes what dead runs left.
    ///
    /// # Errors
    /// If the folder can't be made or written, or another run holds it.
    pub fn open(root: &Path, holder: &str) -> Result<Self, StoreError> {
        fs::create_dir_all(root).map_err(|source| StoreError::NotWritable { path: root.to_path_buf(), source })?;
        let path = root.join(LOCK);
        let mut lock = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| StoreError::NotWritable { path: root.to_path_buf(), source })?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The holder's note is a courtesy: without it the refusal stands all the same.
                let _ = lock.read_to_string(&mut text);
                let holder = if text.trim().is_empty() { "another run".to_owned() } else { text.trim().to_owned() };
                return Err(StoreError::Locked { path: root.to_path_buf(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(StoreError::io(&path, source)),
        }
        let note = |lock: &mut File| -> std::io::Result<()> {
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(holder.as_bytes())
        };
        note(&mut lock).map_err(|source| StoreError::io(&path, source))?;
        let mut recovered = Vec::new();
        for entry in fs::read_dir(root).map_err(|source| StoreError::io(root, source))? {
            let entry = entry.map_err(|source| StoreError::io(root, source))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(STAGING) {
                fs::remove_dir_all(entry.path()).map_err(|source| StoreError::io(&entry.path(), source))?;
                recovered.push(name);
            }
        }
        recovered.sort_unstable();
        Ok(Self { root: root.to_path_buf(), _lock: lock, recovered })
    }

    /// Where a run lies or would lie.
    #[must_use]
    pub fn path(&self, run_id: &str) -> PathBuf {
        self.root.join(run_id)
    }

    /// Whether a finished run of this id lies here, whole by its manifest.
    ///
    /// # Errors
    /// If it lies here but is not what its manifest says.
    pub fn finished(&self, run_id: &str) -> Result<bool, StoreError> {
        let path = self.path(run_id);
        if !path.is_dir() {
            return Ok(false);
        }
        manifest::check(&path)?;
        Ok(true)
    }

    /// The current run's id, if there is one.
    ///
    /// # Errors
    /// If the pointer can't be read.
    pub fn current(root: &Path) -> Result<Option<String>, StoreError> {
        let path = root.join(CURRENT);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim_end().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::io(&path, source)),
        }
    }

    /// Begins a run: an empty staging folder.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn stage(&self, run_id: &str) -> Result<Staging, StoreError> {
        let path = self.root.join(format!("{STAGING}{run_id}"));
        fs::create_dir(&path).map_err(|source| StoreError::io(&path, source))?;
        Ok(Staging { path, published: false })
    }

    /// Publishes a staged folder under its id; which run is current stays as it is.
    ///
    /// # Errors
    /// If anything can't be synced or renamed.
    pub fn publish(&self, mut staging: Staging, run_id: &str) -> Result<PathBuf, StoreError> {
        manifest::write(&staging.path)?;
        sync_folder(&staging.path)?;
        let target = self.path(run_id);
        fs::rename(&staging.path, &target).map_err(|source| StoreError::io(&target, source))?;
        staging.published = true;
        sync_folder(&self.root)?;
        Ok(target)
    }

    /// Removes a finished folder that is to be made again.
    ///
    /// # Errors
    /// If it can't be removed.
    pub fn remove(&self, id: &str) -> Result<(), StoreError> {
        let path = self.path(id);
        fs::remove_dir_all(&path).map_err(|source| StoreError::io(&path, source))
    }

    /// Points `CURRENT` at a finished run.
    ///
    /// # Errors
    /// If the pointer can't be replaced.
    pub fn make_current(&self, run_id: &str) -> Result<(), StoreError> {
        self.replace(CURRENT, format!("{run_id}\n").as_bytes())
    }

    /// Replaces a small file of the folder of runs in one step.
    ///
    /// # Errors
    /// If it can't be written, synced or renamed.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (fresh, path) = (self.root.join(format!(".{name}.new")), self.root.join(name));
        write_synced(&fresh, bytes)?;
        fs::rename(&fresh, &path).map_err(|source| StoreError::io(&path, source))?;
        sync_folder(&self.root)
    }
}

/// A run that is being written; removed when dropped unpublished.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    published: bool,
}

impl Staging {
    /// Writes one file, synced.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        write_synced(&self.path.join(name), bytes)
    }

    /// Where a file of the run lies for now.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.published {
            // If even this fails, the next run removes it under the lock.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || -> std::io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| StoreError::io(path, source))
}

fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|source| StoreError::io(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_appears_whole_and_becomes_current() {
        let root = tempfile::tempdir().expect("folder");
        let runs = Runs::open(root.path(), "test").expect("open");
        let staging = runs.stage("2026-11-16-abc").expect("stage");
        staging.write("plan.json", b"{}").expect("write");
        assert_eq!(Runs::current(root.path()).expect("read"), None);
        let path = runs.publish(staging, "2026-11-16-abc").expect("publish");
        assert_eq!(Runs::current(root.path()).expect("read"), None);
        runs.make_current("2026-11-16-abc").expect("point");
        assert!(path.join("MANIFEST").is_file());
        assert_eq!(Runs::current(root.path()).expect("read").as_deref(), Some("2026-11-16-abc"));
        assert!(runs.finished("2026-11-16-abc").expect("whole"));
        std::fs::write(path.join("plan.json"), b"{ }").expect("tamper");
        assert!(runs.finished("2026-11-16-abc").is_err());
    }

    #[test]
    fn what_a_dead_run_left_is_removed() {
        let root = tempfile::tempdir().expect("folder");
        fs::create_dir(root.path().join(".staging-dead")).expect("leftover");
        let runs = Runs::open(root.path(), "test").expect("open");
        assert_eq!(runs.recovered, [".staging-dead"]);
        assert!(!root.path().join(".staging-dead").exists());
    }

    #[test]
    fn an_unpublished_run_leaves_nothing() {
        let root = tempfile::tempdir().expect("folder");
        let runs = Runs::open(root.path(), "test").expect("open");
        let staging = runs.stage("x").expect("stage");
        staging.write("plan.json", b"{}").expect("write");
        drop(staging);
        assert!(!root.path().join(".staging-x").exists());
        assert!(!runs.finished("x").expect("absent"));
    }

    #[test]
    fn a_second_run_is_told_who_holds_the_folder() {
        let root = tempfile::tempdir().expect("folder");
        let _first = Runs::open(root.path(), "process 1").expect("open");
        // Locks belong to the open file, so a second opening in this process is refused as well.
        match Runs::open(root.path(), "process 2") {
            Err(StoreError::Locked { holder, .. }) => assert_eq!(holder, "process 1"),
            other => panic!("{other:?}"),
        }
    }
}
