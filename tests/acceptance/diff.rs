//! Two runs compared, and gates; what shells and manuals ask for.

use crate::support::{Project, cornerstone};

#[test]
fn two_runs_are_compared_and_a_gate_holds_what_is_more_than_it_allows() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let before = format!("p/runs/{}", project.current().file_name().expect("a name").to_string_lossy());
    let same =
        project.run(&["diff", &before, "p/runs", "--fail-on", "stores-changed>0", "--fail-on", "profit-changed>0%"]);
    assert_eq!(same.code, 0, "{same:?}");
    assert!(same.out.contains("stores opened    none"), "{}", same.out);
    project.key("stores_max", "4");
    assert_eq!(project.plan().code, 0);
    let open = project.run(&["diff", &before, "p/runs", "-o", "diff.json", "--fail-on", "stores-changed>2"]);
    assert_eq!(open.code, 0, "{open:?}");
    let told: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(project.root().join("../diff.json")).expect("a file"))
            .expect("JSON");
    let (old, new) = (&told["runs"][0], &told["runs"][1]);
    assert!(before.ends_with(old.as_str().expect("an id")) && old != new, "{told}");
    assert_eq!((told["opened"].as_array().map(Vec::len), told["closed"].as_array().map(Vec::len)), (Some(0), Some(2)));
    assert!(told["objective"][0].as_f64() > told["objective"][1].as_f64(), "{told}");
    for gate in ["stores-changed>1", "objective-changed>1%"] {
        let shut = project.run(&["diff", &before, "p/runs", "--fail-on", gate]);
        assert!(shut.code == 6 && shut.err.contains("E-GATE-001") && shut.err.contains(gate), "{shut:?}");
    }
    let unknown = project.run(&["diff", &before, "p/runs", "--fail-on", "store-changed>2"]);
    assert!(unknown.code == 2 && unknown.err.contains("stores-changed"), "{unknown:?}");
    assert_eq!(project.run(&["diff", &before, "p/runs", "-o", "diff.json"]).code, 2, "nothing is overwritten");
    // Plans that sought different things can't be told apart by what they reached.
    project.key("kind", "\"coverage\"\nradius = \"10 min\"");
    let planned = project.plan();
    assert!([0, 5].contains(&planned.code), "{planned:?}");
    let other = project.run(&["diff", &before, "p/runs", "--fail-on", "objective-changed>50%"]);
    assert!(other.code == 6 && other.err.contains("something else"), "{other:?}");
}

#[test]
fn the_reference_of_scenarios_is_that_of_the_code() {
    let told = cornerstone(std::path::Path::new("."), &["reference"]);
    let written = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/scenario.md");
    let written = std::fs::read_to_string(written).expect("the reference");
    assert!(told.out == written, "docs/guide/scenario.md is not what `cornerstone reference` writes");
    for key in ["| `stores_max` |", "## `[placement.by_market.NAME]`", "## `[[reach]]`", "`\"nearest\"`"] {
        assert!(told.out.contains(key), "{key} of {}", told.out);
    }
}

#[test]
fn shells_complete_every_command_and_each_has_its_page() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = cornerstone(folder.path(), &["completions", shell]);
        assert_eq!(script.code, 0, "{script:?}");
        for word in ["forecast", "readout", "fail-on", "incremental"] {
            assert!(script.out.contains(word), "{shell} knows no {word}");
        }
    }
    let man = cornerstone(folder.path(), &["man", "man1"]);
    assert_eq!(man.code, 0, "{man:?}");
    let help = cornerstone(folder.path(), &["--help"]).out;
    let listed = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("commands");
    let commands = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("    "));
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 10, "{help}");
    for command in commands.iter().filter(|command| **command != "help") {
        let page = std::fs::read_to_string(folder.path().join(format!("man1/cornerstone-{command}.1"))).expect(command);
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
    assert_eq!(cornerstone(folder.path(), &["man", "man1"]).code, 2, "nothing is overwritten");
}
