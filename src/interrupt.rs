//! Ctrl-C and SIGTERM: the work is asked to stop, and made to after five seconds.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use domain::stop::{Clock, Stop};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static SIGNAL: AtomicU8 = AtomicU8::new(0);

/// Counts from its birth; never jumps.
struct Monotonic(Instant);

impl Clock for Monotonic {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// 130 after Ctrl-C, 143 after SIGTERM; 130 if neither came.
pub(crate) fn exit_code() -> u8 {
    match SIGNAL.load(Ordering::Relaxed) {
        0 => 130,
        signal => 128 + signal,
    }
}

/// Whether a signal came.
pub(crate) fn came() -> bool {
    SIGNAL.load(Ordering::Relaxed) != 0
}

/// A stop that signals set. Steps that can't look at it are ended after five seconds; what they
/// staged is removed by the next run.
///
/// # Errors
/// If no handler can be set.
pub(crate) fn stop(limit: Option<Duration>) -> std::io::Result<Stop> {
    stop_saying(limit, None)
}

/// The same; when the first signal comes, a line is written to standard error.
///
/// # Errors
/// If no handler can be set.
pub(crate) fn stop_saying(limit: Option<Duration>, words: Option<String>) -> std::io::Result<Stop> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let flag = Arc::clone(&interrupted);
    std::thread::spawn(move || {
        for (count, signal) in signals.forever().enumerate() {
            SIGNAL.store(u8::try_from(signal).unwrap_or(2), Ordering::Relaxed);
            flag.store(true, Ordering::Relaxed);
            if count > 0 {
                std::process::exit(i32::from(exit_code()));
            }
            if let Some(words) = &words {
                // A closed standard error is nobody to tell.
                let _ = writeln!(std::io::stderr(), "{words}");
            }
            std::thread::spawn(|| {
                std::thread::sleep(Duration::from_secs(5));
                std::process::exit(i32::from(exit_code()));
            });
        }
    });
    Ok(Stop { interrupted, clock: Arc::new(Monotonic(Instant::now())), deadline: limit, nodes_max: u64::MAX })
}
