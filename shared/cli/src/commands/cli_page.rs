//! The page `docs/cli.md`: every command's help, as the command itself prints it.

use clap::{Command, CommandFactory as _};

use crate::commands::Tenon;

const START: &str = "# The command line\n\n\
    Made from the help of the command itself by `cargo tenon cli-page > docs/cli.md`; a test fails while\n\
    this page differs. Run the commands in a checkout as `cargo tenon`, or install the program `tenon` by\n\
    `cargo install --path shared/cli --profile quick`.\n";

/// The whole page.
#[must_use]
pub fn page() -> String {
    let mut root = without_values(Tenon::command());
    root.build();
    let mut page = START.to_owned();
    add(&mut root, 0, &mut page);
    page
}

/// The page must not show what is set where it is made.
fn without_values(command: Command) -> Command {
    command
        .mut_args(|argument| argument.hide_env_values(true))
        .mut_subcommands(without_values)
}

fn add(command: &mut Command, depth: usize, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let heading = format!("\n##{} `{name}`\n\n", "#".repeat(depth.min(1)));
    page.push_str(&heading);
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    page.push_str(&format!("```text\n{}\n```\n", lines.join("\n")));
    let visible = |command: &&mut Command| !command.is_hide_set() && command.get_name() != "help";
    for command in command.get_subcommands_mut().filter(visible) {
        add(command, depth + 1, page);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn file(name: &str) -> String {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
        std::fs::read_to_string(format!("{path}{name}")).unwrap()
    }

    #[test]
    fn the_page_says_what_the_help_says() {
        assert!(
            file("docs/cli.md") == page(),
            "docs/cli.md is stale; refresh it: cargo tenon cli-page > docs/cli.md"
        );
    }

    /// Every command without commands of its own, with the examples of it or of those above it.
    fn leaves(command: &Command, above: &str, found: &mut Vec<(String, String)>) {
        let own = command.get_after_help().map(ToString::to_string);
        let examples = own.filter(|text| text.contains("Example"));
        let examples = examples.unwrap_or_else(|| above.to_owned());
        let below: Vec<&Command> = command.get_subcommands().collect();
        if below.is_empty() && !command.is_hide_set() && command.get_name() != "help" {
            found.push((command.get_name().to_owned(), examples.clone()));
        }
        for command in below {
            leaves(command, &examples, found);
        }
    }

    #[test]
    fn every_command_has_an_example_of_itself() {
        let mut found = Vec::new();
        leaves(&Tenon::command(), "", &mut found);
        assert!(found.len() >= 9, "{found:?}");
        for (name, examples) in found {
            assert!(examples.contains(&name), "{name}: {examples}");
        }
    }

    /// The examples in a text: what stands behind `cargo tenon` at the beginning of a line.
    fn examples(text: &str) -> Vec<Vec<String>> {
        let lines = text.lines().map(|line| {
            let line = line.trim();
            // A variable may be set before it.
            let assignment = line.split_once(' ').filter(|(word, _)| word.contains('='));
            assignment.map_or(line, |(_, rest)| rest)
        });
        let ours = lines.filter(|line| line.starts_with("cargo tenon"));
        let words = ours.map(|line| shlex::split(line).unwrap_or_else(|| panic!("{line}")));
        let without_pipes = |words: Vec<String>| words.into_iter().take_while(|word| word != ">");
        let examples = words.map(|words| without_pipes(words).collect::<Vec<String>>());
        // The usage of a command with commands of its own is no example.
        let is_usage = |words: &Vec<String>| words.iter().any(|word| word.starts_with('<'));
        examples.filter(|words| !is_usage(words)).collect()
    }

    #[test]
    fn every_example_in_the_help_and_on_the_pages_is_understood() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
        let pages = std::fs::read_dir(folder).unwrap().flatten();
        let pages = pages.map(|entry| entry.path()).filter(|path| {
            let is_page = path.extension().is_some_and(|end| end == "md");
            is_page && !path.ends_with("cli.md")
        });
        let pages: String = pages
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        let all = examples(&(page() + &file("README.md") + &pages));
        assert!(all.len() > 25, "{}", all.len());
        for words in all {
            let words = &words[1..];
            let parsed = Tenon::try_parse_from(words);
            if let Err(error) = parsed {
                panic!("{words:?}: {error}");
            }
        }
    }
}
