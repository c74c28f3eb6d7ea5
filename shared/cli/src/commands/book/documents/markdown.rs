//! The pieces of a page.

/// How every page begins.
pub fn head(title: &str, version: &str) -> String {
    format!("# {title}\n\nMade from the book {version} by `tenon book docs`.\n")
}

/// A row of a table. What would end a cell is written so that it does not.
pub fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The first two rows of a table.
pub fn table(columns: &[&str]) -> String {
    let line = vec!["---"; columns.len()];
    format!("\n{}|{}|\n", row(columns), line.join("|"))
}
