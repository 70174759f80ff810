//! `cornerstone completions` and `cornerstone man`: what a shell and a manual know of the command line.

use std::fs;
use std::path::Path;

use clap::CommandFactory;

use crate::cli::{Cli, Completions, Man};
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn completions(args: &Completions, terminal: &Terminal) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cornerstone", &mut script);
    super::print(terminal, &script).err().unwrap_or(exit::DONE)
}

pub(crate) fn man(args: &Man, terminal: &Terminal) -> u8 {
    let pages = match pages() {
        Ok(pages) => pages,
        Err(error) => {
            terminal.problem("E-OUT-001", "man", &error.to_string());
            return exit::BUG;
        }
    };
    if let Some(taken) = pages.iter().map(|page| args.dir.join(&page.0)).find(|path| path.exists()) {
        let why = "the file is there already; nothing is overwritten";
        terminal.problem("E-CLI-002", &taken.display().to_string(), why);
        return exit::USAGE;
    }
    if let Err(error) = fs::create_dir_all(&args.dir) {
        terminal.problem("E-IO-003", &args.dir.display().to_string(), &error.to_string());
        return exit::PERMANENT;
    }
    let write = |(name, bytes): &(String, Vec<u8>)| {
        super::write_whole(&args.dir.join(Path::new(name)), bytes, "E-IO-003", terminal)
    };
    pages.iter().try_for_each(write).err().unwrap_or(exit::DONE)
}

/// A page for the whole and one for each command, by file name.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut whole = Cli::command();
    // Gives each command the name that its page has.
    whole.build();
    let commands = whole.get_subcommands().filter(|command| command.get_name() != "help");
    let page = |command: &clap::Command| {
        let mut bytes = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut bytes)?;
        Ok((format!("{}.1", command.get_display_name().unwrap_or(command.get_name())), bytes))
    };
    std::iter::once(&whole).chain(commands).map(page).collect()
}
