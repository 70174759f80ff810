//! A project in a temporary folder, edits of its tables, and the binary run on it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// What a run of the binary gave.
#[derive(Debug)]
pub(crate) struct Told {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs the binary in a folder.
pub(crate) fn cornerstone(folder: &Path, args: &[&str]) -> Told {
    told(Command::new(env!("CARGO_BIN_EXE_cornerstone")).args(args).current_dir(folder))
}

/// Runs a command to its end.
pub(crate) fn told(command: &mut Command) -> Told {
    let Output { status, stdout, stderr } =
        command.env("CORNERSTONE_BROWSER", "/nonexistent").output().expect("the binary starts");
    Told {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// Starts the binary in a folder, with both its streams to read.
pub(crate) fn started(folder: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_cornerstone"))
        .args(args)
        .current_dir(folder)
        .env("CORNERSTONE_BROWSER", "/nonexistent")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

/// Sends it a signal.
pub(crate) fn send(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().expect("kill runs").success());
}

/// Runs the binary in a folder until a line of its standard error says `word`, signals it `after` that, and tells how it
/// ended.
pub(crate) fn signalled(folder: &Path, args: &[&str], word: &str, after: Duration, signal: &str) -> Told {
    let mut child = started(folder, args);
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map(|line| line.expect("text"));
    let mut err = String::new();
    for line in lines.by_ref() {
        err.push_str(&line);
        err.push('\n');
        if line.contains(word) {
            break;
        }
    }
    assert!(err.contains(word), "it ended without `{word}`: {err}");
    std::thread::sleep(after);
    send(&child, signal);
    lines.for_each(|line| err.push_str(&(line + "\n")));
    let mut out = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
    Told { code: child.wait().expect("it ends").code().unwrap_or(-1), out, err }
}

/// The sample project, copied for one test.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A fresh copy of what `init --sample` writes.
    pub(crate) fn sample() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made = cornerstone(folder.path(), &["init", "p", "--sample"]);
        assert_eq!(made.code, 0, "{made:?}");
        Self { folder }
    }

    /// A copy of this project.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&self.root(), &folder.path().join("p"));
        Self { folder }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("p")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Runs the binary with the project's parent as working folder.
    pub(crate) fn run(&self, args: &[&str]) -> Told {
        cornerstone(self.folder.path(), args)
    }

    pub(crate) fn check(&self) -> Told {
        self.run(&["check", "p/scenarios/base.toml"])
    }

    pub(crate) fn plan(&self) -> Told {
        self.run(&["plan", "p/scenarios/base.toml", "--quiet"])
    }

    /// The folder of the current run.
    pub(crate) fn current(&self) -> PathBuf {
        let runs = self.path("runs");
        let name = fs::read_to_string(runs.join("CURRENT")).expect("a current run");
        runs.join(name.trim_end())
    }

    /// A file of the current run.
    pub(crate) fn read_current(&self, name: &str) -> String {
        fs::read_to_string(self.current().join(name)).expect("a file of the run")
    }

    /// Changes a file of the current run, and the manifest with it, so that the change alone can be found out.
    pub(crate) fn forge(&self, name: &str, change: impl Fn(&str) -> String) {
        let run = self.current();
        let sum = |text: &str| domain::hash::ContentHash::of_bytes(text.as_bytes()).hex();
        let old = fs::read_to_string(run.join(name)).expect("a file of the run");
        let (new, manifest) = (change(&old), fs::read_to_string(run.join("MANIFEST")).expect("a manifest"));
        assert!(new != old && manifest.contains(&sum(&old)), "{name} was changed, and the manifest has it");
        fs::write(run.join(name), &new).expect("written");
        fs::write(run.join("MANIFEST"), manifest.replace(&sum(&old), &sum(&new))).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file of the project")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("a file of the project");
    }

    /// Edits a whole file as text.
    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        let text = self.read(name);
        self.write(name, change(text));
    }

    /// Edits a file line by line.
    pub(crate) fn lines(&self, name: &str, change: impl FnOnce(&mut Vec<String>)) {
        self.edit(name, |text| {
            let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
            change(&mut lines);
            lines.join("\n") + "\n"
        });
    }

    /// Sets one cell, by physical line (the header is 1) and column name.
    pub(crate) fn set(&self, name: &str, line: usize, column: &str, value: &str) {
        self.cell(name, line, column, |_| value.to_owned());
    }

    /// Changes one cell.
    pub(crate) fn cell(&self, name: &str, line: usize, column: &str, change: impl FnOnce(&str) -> String) {
        self.lines(name, |lines| {
            let at = lines[0].split(',').position(|known| known == column).expect("a column");
            let mut cells: Vec<String> = lines[line - 1].split(',').map(ToOwned::to_owned).collect();
            cells[at] = change(&cells[at]);
            lines[line - 1] = cells.join(",");
        });
    }

    /// Puts a line into the scenario, at its top.
    pub(crate) fn scenario_top(&self, line: &str) {
        self.edit("scenarios/base.toml", |text| format!("{line}\n{text}"));
    }

    /// Puts a line into a section of the scenario.
    pub(crate) fn scenario(&self, section: &str, line: &str) {
        self.edit("scenarios/base.toml", |text| {
            let header = format!("[{section}]");
            assert!(text.contains(&header), "the scenario has a section {header}");
            text.replacen(&header, &format!("{header}\n{line}"), 1)
        });
    }

    /// Replaces the value of a key of the scenario.
    pub(crate) fn key(&self, key: &str, value: &str) {
        self.lines("scenarios/base.toml", |lines| {
            let line = lines
                .iter_mut()
                .find(|line| line.split('=').next().is_some_and(|left| left.trim() == key))
                .expect("a key");
            *line = format!("{key} = {value}");
        });
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Benchmark data beside the project, or none with a message.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.exists() {
        Some(path)
    } else {
        eprintln!("skipped: {name} of the benchmark data is not here");
        None
    }
}
