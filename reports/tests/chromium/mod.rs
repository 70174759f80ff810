//! A page in a real browser, for tests: what it holds at a width, what an audit of accessibility says, what is printed.
//! Shared by path with the acceptance tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A browser and a folder for its files.
pub(crate) struct Chromium {
    browser: PathBuf,
    folder: tempfile::TempDir,
}

/// Looks at a page in a frame of a width: is anything wider, and what does the page hold?
const MEASURE: &str = r#"<!doctype html><meta charset="utf-8"><body style="margin:0"><script>
const frame = document.createElement('iframe');
frame.style.cssText = 'border:0;width:WIDTHpx;height:3000px';
if (SANDBOX) frame.setAttribute('sandbox', 'allow-same-origin');
frame.onload = () => {
  const page = frame.contentDocument;
  const links = [...page.querySelectorAll('[src],[href]')].map(e => e.getAttribute('src') || e.getAttribute('href'));
  const reached = [...page.querySelectorAll('a.pin')].filter(a => a.tabIndex === 0).map(a => a.getAttribute('href'));
  document.body.dataset.measured = JSON.stringify({
    wider: page.documentElement.scrollWidth - WIDTH,
    title: page.title, headings: page.querySelectorAll('h1').length, tables: page.querySelectorAll('table').length,
    pictures: page.querySelectorAll('svg').length, away: links.filter(l => !l.startsWith('#') && !l.startsWith('data:')),
    clipped: [...page.querySelectorAll('.scroll')].filter(s => s.clientWidth && s.scrollWidth > s.clientWidth).map(s => s.getAttribute('aria-label')),
    unnamed: [...page.querySelectorAll('svg')].filter(s => !s.getAttribute('aria-hidden') && !s.getAttribute('aria-label') && !s.getAttribute('aria-labelledby') && !s.querySelector('title')).length,
    elements: page.querySelectorAll('*').length, text: page.body.innerText.length, pins: reached,
    fetched: frame.contentWindow.performance.getEntriesByType('resource').length,
  });
};
frame.srcdoc = PAGE;
document.body.append(frame);
</script>"#;

/// Runs the audit in the page itself.
const AUDIT: &str = r#"<script>AXE</script><script>
axe.run(document, { resultTypes: ['violations'] }).then(found => {
  document.body.dataset.measured = JSON.stringify(found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(', ')));
});
</script></body>"#;

impl Chromium {
    /// One that is found on the path; none, with a message, if there is none.
    pub(crate) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let found = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
            .into_iter()
            .find_map(|name| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file()));
        if found.is_none() {
            eprintln!("skipped: no Chromium or Chrome on the path");
        }
        found.map(|browser| Self { browser, folder: tempfile::tempdir().expect("a folder") })
    }

    /// Writes a page and gives its path.
    pub(crate) fn page(&self, html: &str) -> PathBuf {
        let path = self.folder.path().join("page.html");
        fs::write(&path, html).expect("written");
        path
    }

    /// Runs the browser on a page; what it printed, and what it complained of.
    fn browse(&self, args: &[&str], page: &Path) -> (String, String) {
        let output = Command::new(&self.browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--virtual-time-budget=20000", "--enable-logging=stderr"])
            .arg(format!("--user-data-dir={}", self.folder.path().join("profile").display()))
            .args(args)
            .arg(format!("file://{}", page.display()))
            .output()
            .expect("the browser starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }

    /// The attribute that a script left on the page.
    fn measured(&self, page: &Path) -> serde_json::Value {
        let (dom, _) = self.browse(&["--dump-dom"], page);
        let text = dom.split("data-measured=\"").nth(1).and_then(|rest| rest.split('"').next());
        let text = text.unwrap_or_else(|| panic!("no measurement in a page of {} bytes", dom.len()));
        serde_json::from_str(&text.replace("&quot;", "\"").replace("&gt;", ">").replace("&amp;", "&")).expect("JSON")
    }

    /// What a page holds in a frame of `width` pixels; in a sandbox without scripts, if asked.
    pub(crate) fn look(&self, html: &str, width: u32, sandbox: bool) -> serde_json::Value {
        let quoted = serde_json::to_string(html).expect("a string").replace("</", "<\\/");
        let frame = MEASURE.replace("WIDTH", &width.to_string()).replace("SANDBOX", &sandbox.to_string());
        self.measured(&self.page(&frame.replace("PAGE", &quoted)))
    }

    /// What axe-core finds wrong with a page; none, with a message, where it is not set up (`scripts/setup.sh browser`).
    pub(crate) fn audit(&self, html: &str) -> Option<serde_json::Value> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let at = [root.join(".tools/axe.min.js"), root.join("../.tools/axe.min.js")];
        let Some(axe) = at.iter().find_map(|path| fs::read_to_string(path).ok()) else {
            eprintln!("skipped: axe-core is not set up (scripts/setup.sh browser)");
            return None;
        };
        // The page forbids scripts, as it should: the copy that is audited allows this one.
        let start = html.find("<meta http-equiv=\"Content-Security-Policy\"").expect("the page has a policy");
        let end = start + html[start..].find('>').expect("a tag ends") + 1;
        let open = format!("{}{}", &html[..start], &html[end..]);
        Some(self.measured(&self.page(&open.replace("</body>", &AUDIT.replace("AXE", &axe)))))
    }

    /// What the browser complains of while it shows a page.
    #[allow(dead_code, reason = "one of the two test crates that share this file does not ask")]
    pub(crate) fn complaints(&self, html: &str) -> Vec<String> {
        let (_, err) = self.browse(&["--dump-dom"], &self.page(html));
        err.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect()
    }

    /// The page as a PDF.
    pub(crate) fn print(&self, html: &str) -> Vec<u8> {
        let pdf = self.folder.path().join("page.pdf");
        let page = self.page(html);
        self.browse(&[&format!("--print-to-pdf={}", pdf.display()), "--no-pdf-header-footer"], &page);
        fs::read(&pdf).expect("a PDF")
    }
}

/// Pages of a PDF.
pub(crate) fn pages(pdf: &[u8]) -> usize {
    String::from_utf8_lossy(pdf).matches("/Type /Page\n").count()
}
