//! The words of DynamoDB's expressions.

/// One word of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A keyword, a function or an attribute.
    Name(String),
    /// `#name`, which stands for an attribute.
    Alias(String),
    /// `:value`, which stands for a value.
    Value(String),
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`, `(`, `)`, `,`, `+` or `-`.
    Sign(String),
}

/// Cuts an expression into words.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' | ':' => 1 + name_length(&rest[1..]),
            _ if is_name(first) => name_length(rest),
            '<' if rest.starts_with("<>") => 2,
            '<' | '>' if rest[1..].starts_with('=') => 2,
            '=' | '<' | '>' | '(' | ')' | ',' | '+' | '-' => 1,
            other => panic!("{other:?} in the expression {text:?}"),
        };
        let (word, after) = rest.split_at(length);
        words.push(match first {
            '#' => Word::Alias(word.to_owned()),
            ':' => Word::Value(word.to_owned()),
            _ if is_name(first) => Word::Name(word.to_owned()),
            _ => Word::Sign(word.to_owned()),
        });
        rest = after.trim_start();
    }
    words
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn name_length(text: &str) -> usize {
    text.find(|character| !is_name(character))
        .unwrap_or(text.len())
}

/// The words of an expression that are still to be read.
pub struct Reader {
    words: std::iter::Peekable<std::vec::IntoIter<Word>>,
    text: String,
}

impl Reader {
    /// All of an expression.
    pub fn of(text: &str) -> Self {
        Self {
            words: words(text).into_iter().peekable(),
            text: text.to_owned(),
        }
    }

    /// The next word, if there is one.
    pub fn next(&mut self) -> Option<Word> {
        self.words.next()
    }

    /// The next word, which must be there.
    pub fn word(&mut self) -> Word {
        self.next().unwrap_or_else(|| self.strange("its end"))
    }

    /// Whether nothing is left.
    pub fn is_empty(&mut self) -> bool {
        self.words.peek().is_none()
    }

    /// Reads this sign, if it comes next.
    pub fn takes(&mut self, sign: &str) -> bool {
        self.words
            .next_if(|word| matches!(word, Word::Sign(text) if text == sign))
            .is_some()
    }

    /// Reads this keyword, if it comes next.
    pub fn takes_word(&mut self, keyword: &str) -> bool {
        self.words
            .next_if(|word| matches!(word, Word::Name(text) if text.eq_ignore_ascii_case(keyword)))
            .is_some()
    }

    /// Reads this sign, which must come next.
    pub fn expect(&mut self, sign: &str) {
        if !self.takes(sign) {
            let found = format!("{:?} instead of {sign}", self.words.peek());
            self.strange(&found);
        }
    }

    /// The table must never guess: what it does not know ends the run.
    pub fn strange(&self, what: &str) -> ! {
        panic!(
            "the simulated table does not know {what} in {:?}",
            self.text
        )
    }
}
