//! What the demo says while it works: numbered steps with the time, facts below them, tables.

use std::io::{Stdout, Write};
use std::time::Instant;

/// Speaks to standard output; errors are the caller's.
pub struct Narrator {
    output: Stdout,
    started: Instant,
    steps: u32,
}

impl Narrator {
    /// Begins to count the time.
    pub fn new() -> Self {
        Self { output: std::io::stdout(), started: Instant::now(), steps: 0 }
    }

    /// The next thing that is being done; said before it is done, so that a wait has a name.
    pub fn step(&mut self, what: &str) {
        self.steps += 1;
        self.line(&format!("[{:6.1} s] {}. {what}", self.started.elapsed().as_secs_f64(), self.steps));
    }

    /// Something that was found to be so.
    pub fn fact(&self, what: &str) {
        self.line(&format!("              {what}"));
    }

    /// Lines of a table, below a step.
    pub fn table(&self, lines: &[String]) {
        self.line("");
        for text in lines {
            self.fact(text);
        }
        self.line("");
    }

    /// Lines of their own.
    pub fn paragraph(&self, lines: &[String]) {
        self.line("");
        for text in lines {
            self.line(text);
        }
    }

    /// The last sentence.
    pub fn done(&self, what: &str) {
        self.line(&format!("[{:6.1} s] done: {what}", self.started.elapsed().as_secs_f64()));
    }

    fn line(&self, text: &str) {
        // A reader that has gone away (a closed pipe) must not end the demo half-way, with processes running.
        let _ = writeln!(&self.output, "{text}");
    }
}
