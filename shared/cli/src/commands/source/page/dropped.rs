//! What a page says about files that are dropped.

use sources::facts::Facts;
use sources::facts::file::{FileFacts, Form};
use sources::file::{MAX_BYTES, MAX_COLUMNS, MAX_ROW_BYTES, MAX_ROWS};

/// How a file must be; nothing for a source that sends none.
pub fn section(facts: &Facts) -> String {
    let Some(file) = &facts.file else {
        return String::new();
    };
    let name = &facts.name;
    let forms: String = file.forms.iter().map(|form| line(*form, file)).collect();
    format!(
        "\n## Files that are dropped\n\n\
         A file is put into the bucket `FilesBucketName` of the stack as `in/{name}/ACCOUNT/NAME`, with the account as the book \
         writes it. Who may do that is a matter of IAM: [set-up](../setup.md) has the role.\n\n{forms}\
         - UTF-8, at most {} MB, {MAX_ROWS} rows, {MAX_COLUMNS} columns, and {} KB in a row.\n\
         - A file whose form is wrong is refused as a whole: one question names it, the line, and what to do. The file stays in the \
         bucket for 14 days.\n\
         - A row that cannot be read is a question of its own with file and line; the others go on. Correct the file and drop it again \
         under the same name: the question closes, and the rows that were taken change nothing.\n\
         - A row that was taken and has to change needs a later time of its change; the same time with other values is a question.\n",
        MAX_BYTES / 1024 / 1024,
        MAX_ROW_BYTES / 1024
    )
}

fn line(form: Form, file: &FileFacts) -> String {
    match form {
        Form::Csv => {
            let columns: Vec<String> = file.columns.iter().map(|one| format!("`{one}`")).collect();
            format!(
                "- `.csv`: a header with at least {}, then the rows; separated by commas, semicolons or tabs, as the header is. Empty values \
                 are left out. Numbers have a decimal point.\n",
                columns.join(", ")
            )
        }
        Form::Json => {
            "- `.json`, `.jsonl`, `.ndjson`: an array of objects, or one object after the other.\n"
                .to_owned()
        }
    }
}
