//! `cornerstone replay`: makes a finished run once more, and says whether every byte is the same.

use crate::cli::Run;
use crate::exit;
use crate::terminal::Terminal;

use super::running;

pub(crate) fn run(args: &Run, terminal: &Terminal) -> u8 {
    let folder = match super::run_folder(&args.run) {
        Ok(folder) => folder,
        Err(error) => return exit::failed(terminal, &error),
    };
    let stop = match running::stop(None, None, terminal) {
        Ok(stop) => stop,
        Err(code) => return code,
    };
    let replayed = running::within(&folder, "", &stop, terminal, |context| scenarios::run::replay(&folder, context));
    let replayed = match replayed {
        Ok(replayed) => replayed,
        Err(error) => return exit::failed(terminal, &error),
    };
    if !replayed.differ.is_empty() {
        let why = format!(
            "{} of {} files came out otherwise: {}",
            replayed.differ.len(),
            replayed.files.len(),
            replayed.differ.join(", ")
        );
        terminal.problem("E-RPL-002", "replay", &why);
        return exit::UNVERIFIED;
    }
    terminal.clear();
    let told = format!("{}: all {} files came out the same, byte for byte\n", replayed.run_id, replayed.files.len());
    super::print(terminal, told.as_bytes()).err().unwrap_or(exit::DONE)
}
