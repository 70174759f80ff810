//! MANIFEST: the hash of every file of a run, as `sha256sum` writes and checks it.

use std::fs;
use std::path::Path;

use domain::hash::ContentHash;

use super::error::StoreError;

/// The file's name.
pub const MANIFEST: &str = "MANIFEST";

/// Files that are written after the plan and may be missing or differ between equal runs are listed
/// as well: the manifest is about this folder, not about determinism.
pub(super) fn write(folder: &Path) -> Result<(), StoreError> {
    let mut lines = String::new();
    for name in files(folder)? {
        let path = folder.join(&name);
        let bytes = fs::read(&path).map_err(|source| StoreError::io(&path, source))?;
        lines.push_str(&format!("{}  {name}\n", ContentHash::of_bytes(&bytes).hex()));
    }
    let path = folder.join(MANIFEST);
    let write = || -> std::io::Result<()> {
        fs::write(&path, &lines)?;
        fs::File::open(&path)?.sync_all()
    };
    write().map_err(|source| StoreError::io(&path, source))
}

/// Checks every file of a run folder against its manifest.
///
/// # Errors
/// The first file that is missing, was changed, or is not in the manifest.
pub fn check(folder: &Path) -> Result<(), StoreError> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(|source| StoreError::io(&path, source))?;
    let mut listed = Vec::new();
    for line in text.lines() {
        let Some((hash, name)) = line.split_once("  ") else {
            return Err(StoreError::Damaged { path, why: "a line is not `<sha256>  <file>`".into() });
        };
        let file = folder.join(name);
        let bytes = fs::read(&file).map_err(|source| StoreError::io(&file, source))?;
        if ContentHash::of_bytes(&bytes).hex() != hash {
            return Err(StoreError::Changed { path: file, why: "its content is not what MANIFEST says" });
        }
        listed.push(name.to_owned());
    }
    listed.sort_unstable();
    if let Some(extra) = files(folder)?.into_iter().find(|name| listed.binary_search(name).is_err()) {
        return Err(StoreError::Changed { path: folder.join(extra), why: "it is not listed in MANIFEST" });
    }
    Ok(())
}

/// The files of a folder, ascending, without the manifest itself.
fn files(folder: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| StoreError::io(folder, source))? {
        let entry = entry.map_err(|source| StoreError::io(folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != MANIFEST {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
