//! A browser that prints the report, where one is found.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Why a report was not printed though a browser is there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrowserError {
    /// It could not be started or waited for.
    #[error("{} could not be run: {source}", .browser.display())]
    Start { browser: PathBuf, source: std::io::Error },
}

/// How long a browser may take; a report is printed in one to three seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Prints an HTML file to a PDF file. Says whether there is a PDF now: a report stands without one.
///
/// # Errors
/// If a browser was found and could not be run.
pub(crate) fn print_to_pdf(html: &Path, pdf: &Path) -> Result<bool, BrowserError> {
    let Some(browser) = find() else { return Ok(false) };
    let failed = |source| BrowserError::Start { browser: browser.clone(), source };
    let profile = tempfile::tempdir().map_err(failed)?;
    let page = html.canonicalize().map_err(failed)?;
    let target =
        pdf.parent().map(|folder| folder.canonicalize().map(|folder| folder.join(pdf.file_name().unwrap_or_default())));
    let target = target.transpose().map_err(failed)?.unwrap_or_else(|| pdf.to_path_buf());
    let mut command = Command::new(&browser);
    command
        .args([
            "--headless",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--print-to-pdf={}", target.display()))
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if running_as_root() {
        // Chromium refuses its sandbox to root; the page is ours and loads nothing.
        command.arg("--no-sandbox");
    }
    let mut child = command.spawn().map_err(failed)?;
    let begun = Instant::now();
    loop {
        match child.try_wait().map_err(failed)? {
            Some(_) => break,
            None if begun.elapsed() > PATIENCE => {
                child.kill().map_err(failed)?;
                child.wait().map_err(failed)?;
                break;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    Ok(target.is_file())
}

/// `CORNERSTONE_BROWSER`, or the first of the usual names on the path.
fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CORNERSTONE_BROWSER") {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let folders = std::env::var_os("PATH")?;
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .into_iter()
        .find_map(|name| std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file()))
}

/// Whether this process is root, by the owner of its own entry in /proc.
fn running_as_root() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
    }
    #[cfg(not(unix))]
    {
        false
    }
}
