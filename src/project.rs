//! A project on disk: written whole into a folder that is not there yet, or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::exit;
use crate::terminal::Terminal;

/// The file that marks a project's folder.
pub(crate) const MARKER: &str = "cornerstone.toml";

/// A project that is being written, beside where it will lie.
pub(crate) struct Project {
    target: PathBuf,
    staging: tempfile::TempDir,
}

/// Why a project could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectError {
    /// There is something already.
    #[error("{} is not empty; nothing is overwritten", .0.display())]
    NotEmpty(PathBuf),
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

impl ProjectError {
    /// Says it, and gives the exit code.
    pub(crate) fn tell(&self, terminal: &Terminal) -> u8 {
        match self {
            Self::NotEmpty(_) => {
                terminal.problem("E-CLI-002", "project", &self.to_string());
                exit::USAGE
            }
            Self::Io { .. } => {
                terminal.problem("E-IO-003", "project", &self.to_string());
                exit::PERMANENT
            }
        }
    }
}

impl Project {
    /// Begins a project that will lie at `target`: a folder that is empty or not there.
    ///
    /// # Errors
    /// If there is something, or nothing can be written beside it.
    pub(crate) fn begin(target: &Path) -> Result<Self, ProjectError> {
        let failed = |source| ProjectError::Io { path: target.to_path_buf(), source };
        match fs::read_dir(target) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(ProjectError::NotEmpty(target.to_path_buf()));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(source)),
        }
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(failed)?;
        let staging = tempfile::Builder::new().prefix(".cornerstone-").tempdir_in(parent).map_err(failed)?;
        Ok(Self { target: target.to_path_buf(), staging })
    }

    /// Writes one file by handing out a writer.
    ///
    /// # Errors
    /// If it can't be written.
    pub(crate) fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
    ) -> Result<(), ProjectError> {
        let path = self.staging.path().join(name);
        let all = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = BufWriter::new(File::create_new(&path)?);
            write(&mut file)?;
            file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
        };
        all().map_err(|source| ProjectError::Io { path: path.clone(), source })
    }

    /// Writes a text file.
    ///
    /// # Errors
    /// If it can't be written.
    pub(crate) fn text(&self, name: &str, text: &str) -> Result<(), ProjectError> {
        self.file(name, |file| file.write_all(text.as_bytes()))
    }

    /// The tables, the scenario and its schema of a world.
    ///
    /// # Errors
    /// If a file can't be written.
    pub(crate) fn world(&self, world: &simulate::World) -> Result<(), ProjectError> {
        for (table, name) in world.tables() {
            self.file(&format!("data/{name}"), |file| world.write_csv(table, file))?;
        }
        self.text(
            "scenarios/base.toml",
            &format!("#:schema ../schema/scenario.json\nsynthetic = true                  # these tables are made up: delete this line when yours are here\n{}", world.scenario_toml()),
        )?;
        self.schemas()
    }

    /// The schemas that an editor and a reader of plan.json can use.
    ///
    /// # Errors
    /// If a file can't be written.
    pub(crate) fn schemas(&self) -> Result<(), ProjectError> {
        self.text("schema/scenario.json", &format!("{:#}\n", scenarios::spec::schema::scenario()))?;
        self.text("schema/plan.json", &format!("{:#}\n", scenarios::spec::schema::plan()))
    }

    /// Moves the project to where it belongs, in one step.
    ///
    /// # Errors
    /// If it can't be moved.
    pub(crate) fn finish(self) -> Result<(), ProjectError> {
        let path = self.staging.keep();
        let settle = || -> std::io::Result<()> {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                // A temporary folder is private; a project is as open as its owner's other folders.
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
            }
            fs::rename(&path, &self.target)
        };
        settle().map_err(|source| {
            // What was staged is of no use to anyone now.
            let _ = fs::remove_dir_all(&path);
            ProjectError::Io { path: self.target.clone(), source }
        })
    }
}
