//! Within every crate, modules use each other in one direction: two siblings, or two folders, that
//! need each other are one job in two places, or two jobs in one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, UseTree};
use tests::{root, rust_files};

/// The path of a module or item below its crate: `["stack", "odoo"]`.
type Name = Vec<String>;

/// One crate: what every module names, and what it passes on under its own name.
#[derive(Default)]
struct Crate {
    modules: BTreeMap<Name, BTreeSet<Name>>,
    passed_on: BTreeMap<Name, Name>,
}

/// Gathers the paths in one file.
struct Reader<'a> {
    module: &'a Name,
    named: BTreeSet<Name>,
    passed_on: BTreeMap<Name, Name>,
    /// Modules of tests that have a file of their own.
    for_tests: BTreeSet<Name>,
}

impl Reader<'_> {
    /// A path below the crate. `None` for what belongs to another crate.
    fn absolute(&self, path: &[String], children: bool) -> Option<Name> {
        let first = path.first()?.as_str();
        let mut base = match first {
            "crate" => Vec::new(),
            "self" | "super" => self.module.clone(),
            _ if children => self.module.clone(),
            _ => return None,
        };
        let mut rest = path;
        while let Some(word) = rest.first() {
            match word.as_str() {
                "crate" | "self" => {}
                "super" => drop(base.pop()),
                _ => break,
            }
            rest = &rest[1..];
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    fn tree(&mut self, tree: &UseTree, before: &[String], is_public: bool) {
        let with = |word: String| [before, &[word]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &with(path.ident.to_string()), is_public),
            UseTree::Group(group) => {
                for item in &group.items {
                    self.tree(item, before, is_public);
                }
            }
            UseTree::Name(name) => self.used(&with(name.ident.to_string()), None, is_public),
            UseTree::Rename(name) => {
                let known_as = Some(name.rename.to_string());
                self.used(&with(name.ident.to_string()), known_as, is_public);
            }
            UseTree::Glob(_) => self.used(before, None, is_public),
        }
    }

    fn used(&mut self, path: &[String], known_as: Option<String>, is_public: bool) {
        let Some(target) = self.absolute(path, true) else {
            return;
        };
        if is_public && let Some(last) = known_as.or_else(|| target.last().cloned()) {
            let mine = [self.module.as_slice(), &[last]].concat();
            self.passed_on.insert(mine, target.clone());
        }
        self.named.insert(target);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.tree(&item.tree, &[], is_public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Name = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let Some(target) = self.absolute(&words, words.len() > 1) {
            self.named.insert(target);
        }
        visit::visit_path(self, path);
    }

    /// A module of tests may look anywhere.
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        match item.attrs.iter().any(is_for_tests) {
            true => {
                let name = [self.module.as_slice(), &[item.ident.to_string()]].concat();
                self.for_tests.insert(name);
            }
            false => visit::visit_item_mod(self, item),
        }
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let said = attribute.parse_args::<syn::Ident>();
    attribute.path().is_ident("cfg") && said.is_ok_and(|word| word == "test")
}

impl Crate {
    fn read(source: &Path) -> Self {
        let mut all = Self::default();
        // A program's `main.rs` is another crate beside its library.
        let main = source.join("main.rs");
        let mut tests = BTreeSet::new();
        for file in rust_files(source).into_iter().filter(|file| *file != main) {
            let module = module_of(source, &file);
            let text = fs::read_to_string(&file).expect("a source file is text");
            let parsed = syn::parse_file(&text).expect("a source file is Rust");
            let mut reader = Reader {
                module: &module,
                named: BTreeSet::new(),
                passed_on: BTreeMap::new(),
                for_tests: BTreeSet::new(),
            };
            reader.visit_file(&parsed);
            let Reader {
                named,
                passed_on,
                for_tests,
                ..
            } = reader;
            tests.extend(for_tests);
            all.passed_on.extend(passed_on);
            all.modules.insert(module, named);
        }
        all.modules.retain(|module, _| !tests.contains(module));
        all
    }

    /// The module in which an item is written, through the names it is passed on under.
    fn home(&self, name: &Name, depth: usize) -> Name {
        if let Some(further) = self.passed_on.get(name)
            && depth < 8
            && further != name
        {
            return self.home(further, depth + 1);
        }
        let is_module = |length: &usize| self.modules.contains_key(&name[..*length]);
        let known = (0..=name.len()).rev().find(is_module).unwrap_or(0);
        // An item of a module that passes on another item of that name.
        let item = name.get(..known + 1).map(<[String]>::to_vec);
        match item.filter(|item| item != name && self.passed_on.contains_key(item)) {
            Some(item) => self.home(&item, depth + 1),
            None => name[..known].to_vec(),
        }
    }

    /// Who uses whom among the children of one module: parent → child → used sibling → an example.
    fn siblings(&self) -> BTreeMap<Name, BTreeMap<String, BTreeMap<String, String>>> {
        let mut uses: BTreeMap<Name, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
        for (module, named) in &self.modules {
            for name in named {
                let home = self.home(name, 0);
                let same = module.iter().zip(&home).take_while(|(a, b)| a == b);
                let same = same.count();
                if let (Some(mine), Some(other)) = (module.get(same), home.get(same)) {
                    let example = format!("{} uses {}", module.join("::"), name.join("::"));
                    let level = uses.entry(module[..same].to_vec()).or_default();
                    let mine = level.entry(mine.clone()).or_default();
                    mine.entry(other.clone()).or_insert(example);
                }
            }
        }
        uses
    }
}

/// The ways from every module back to itself, as examples.
fn circles(uses: &BTreeMap<String, BTreeMap<String, String>>) -> Vec<String> {
    let reaches = |from: &String, to: &String| {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(at) = next.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                next.extend(uses.get(at).into_iter().flat_map(BTreeMap::keys));
            }
        }
        false
    };
    uses.iter()
        .flat_map(|(mine, others)| others.iter().map(move |(other, said)| (mine, other, said)))
        .filter(|(mine, other, _)| reaches(other, mine))
        .map(|(_, _, said)| said.clone())
        .collect()
}

fn module_of(source: &Path, file: &Path) -> Name {
    let below = file.strip_prefix(source).expect("a file of this crate");
    let mut words: Name = below
        .with_extension("")
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if words
        .last()
        .is_some_and(|word| word == "mod" || word == "lib")
    {
        words.pop();
    }
    words
}

fn crates() -> Vec<PathBuf> {
    let mut sources = vec![root().join("tests/src")];
    for group in ["shared", "functions"] {
        let folders = fs::read_dir(root().join(group)).expect("the folder is there");
        sources.extend(folders.flatten().map(|folder| folder.path().join("src")));
    }
    sources
}

#[test]
fn no_module_is_used_by_what_it_uses() {
    let mut found = Vec::new();
    for source in crates() {
        let read = Crate::read(&source);
        assert!(!read.modules.is_empty(), "{}", source.display());
        for (parent, uses) in read.siblings() {
            let said = circles(&uses);
            if !said.is_empty() {
                let place = source.parent().unwrap_or(&source).join(parent.join("/"));
                found.push(format!("{}:\n    {}", place.display(), said.join("\n    ")));
            }
        }
    }
    assert!(found.is_empty(), "circles in\n{}", found.join("\n"));
}

#[test]
fn a_circle_through_a_name_that_is_passed_on_is_seen() {
    let folder = std::env::temp_dir().join(format!("tenon-imports-{}", std::process::id()));
    fs::create_dir_all(folder.join("b")).expect("a folder for the example");
    for (file, text) in [
        ("lib.rs", "mod a;\nmod b;\nmod c;"),
        ("a.rs", "use crate::b::Thing;\npub struct Other(Thing);"),
        (
            "b/mod.rs",
            "mod inner;\n#[cfg(test)]\nmod tests;\npub use inner::Thing;",
        ),
        // Tests may look anywhere, in a file of their own too.
        ("b/tests.rs", "use crate::c::Further;"),
        ("c.rs", "pub struct Further(crate::b::Thing);"),
        ("b/inner.rs", "pub struct Thing;\nfn f() { crate::a::g() }"),
    ] {
        fs::write(folder.join(file), text).expect("a file of the example");
    }
    let siblings = Crate::read(&folder).siblings();
    fs::remove_dir_all(&folder).expect("the example is gone");
    let said = circles(&siblings[&Vec::new()]);
    assert_eq!(said, ["a uses b::Thing", "b::inner uses a::g"]);
}
