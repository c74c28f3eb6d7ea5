//! A component is installed once, noticed when it is damaged, and never half there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::*;
use crate::progress::Progress;

fn scratch(name: &str) -> Cache {
    let folder =
        std::env::temp_dir().join(format!("tenon-cache-test-{}-{name}", std::process::id()));
    Cache::at(&folder).unwrap()
}

/// A small thing of every kind that components hold: files in folders, and a link to the machine.
fn fill(folder: &Path) -> Result<(), CacheError> {
    let bin = folder.join("venv/bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("activate"), "a script").unwrap();
    fs::write(folder.join("table"), "1,2,3").unwrap();
    symlink(
        folder.parent().unwrap().join("machine-python"),
        bin.join("python"),
    )
    .unwrap();
    Ok(())
}

fn install(component: &Component) -> bool {
    component.ensure(&Progress::silent(), fill).unwrap()
}

/// Installs, damages, and says whether the next run installed again.
fn healed(name: &str, damage: impl Fn(&Cache, &Path)) -> bool {
    let cache = scratch(name);
    fs::write(cache.root().join("machine-python"), "python").unwrap();
    let component = cache.component("thing", "recipe 1");
    assert!(install(&component));
    assert!(!install(&component), "untouched, it is left alone");
    damage(&cache, component.folder());
    let again = install(&component);
    // The machine's part cannot be healed by us; everything else must be.
    let whole = component.is_installed();
    assert!(whole, "{name}");
    cache.remove().unwrap();
    again
}

#[test]
fn a_failed_installation_does_not_count() {
    let cache = scratch("failed");
    let component = cache.component("thing", "recipe 1");
    let failed = component.ensure(&Progress::silent(), |folder| {
        fs::write(folder.join("half"), "x").unwrap();
        Err(CacheError::NoPlace)
    });
    assert!(failed.is_err());
    assert!(!component.is_installed());
    assert!(install(&component));
    assert!(!component.folder().join("half").exists());
    cache.remove().unwrap();
}

#[test]
fn another_recipe_is_another_installation() {
    let cache = scratch("recipe");
    install(&cache.component("thing", "recipe 1"));
    assert!(cache.component("thing", "recipe 1").is_installed());
    assert!(!cache.component("thing", "recipe 2").is_installed());
    cache.remove().unwrap();
}

#[test]
fn a_deleted_file_is_noticed() {
    assert!(healed("deleted", |_, folder| {
        fs::remove_file(folder.join("venv/bin/activate")).unwrap();
    }));
}

#[test]
fn a_deleted_folder_is_noticed() {
    assert!(healed("folder", |_, folder| {
        fs::remove_dir_all(folder.join("venv")).unwrap();
    }));
}

#[test]
fn a_file_cut_short_is_noticed() {
    assert!(healed("short", |_, folder| {
        fs::write(folder.join("table"), "1,").unwrap();
    }));
}

#[test]
fn a_file_changed_to_the_same_length_is_noticed() {
    assert!(healed("changed", |_, folder| {
        let table = folder.join("table");
        fs::write(&table, "1,2,4").unwrap();
        let later = fs::metadata(&table).unwrap().modified().unwrap() + Duration::from_secs(5);
        fs::File::open(&table).unwrap().set_modified(later).unwrap();
    }));
}

#[test]
fn a_missing_marker_is_noticed() {
    assert!(healed("marker", |_, folder| {
        fs::remove_file(folder.join(".installed")).unwrap();
    }));
}

#[test]
fn a_python_that_the_machine_no_longer_has_is_noticed() {
    assert!(healed("python", |cache, _| {
        fs::remove_file(cache.root().join("machine-python")).unwrap();
    }));
}

#[test]
fn a_python_that_the_machine_updated_is_no_damage() {
    assert!(!healed("update", |cache, _| {
        fs::write(cache.root().join("machine-python"), "a newer python").unwrap();
    }));
}

#[test]
fn compiled_modules_are_no_damage() {
    assert!(!healed("compiled", |_, folder| {
        let compiled = folder.join("venv/__pycache__");
        fs::create_dir(&compiled).unwrap();
        fs::write(compiled.join("a.pyc"), "x").unwrap();
    }));
}

#[test]
fn what_a_killed_installation_left_is_removed_at_the_next_start() {
    let cache = scratch("killed");
    let left = cache.root().join("thing-1.0-0123456789ab.17.staging");
    let busy = cache.root().join("other-0123456789ab.18.staging");
    for folder in [&left, &busy] {
        fs::create_dir_all(folder.join("half")).unwrap();
    }
    File::create(cache.lock_file("thing-1.0-0123456789ab")).unwrap();
    let lock = File::create(cache.lock_file("other-0123456789ab")).unwrap();
    lock.lock().unwrap();
    Cache::at(cache.root()).unwrap();
    assert!(!left.exists());
    assert!(busy.exists(), "somebody is installing it right now");
    cache.remove().unwrap();
}

#[test]
fn two_who_install_the_same_wait_for_each_other() {
    let cache = scratch("two");
    let component = cache.component("thing", "recipe 1");
    let (began, first_began) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let first = {
        let component = component.clone();
        thread::spawn(move || {
            component.ensure::<CacheError>(&Progress::silent(), |folder| {
                began.send(()).unwrap();
                may_go_on.recv().unwrap();
                fill(folder)
            })
        })
    };
    first_began.recv().unwrap();
    let second = thread::spawn(move || install(&component));
    thread::sleep(Duration::from_millis(100));
    assert!(
        !second.is_finished(),
        "it must not install beside the first"
    );
    go_on.send(()).unwrap();
    assert!(first.join().unwrap().unwrap());
    assert!(!second.join().unwrap(), "the first one's work is used");
    cache.remove().unwrap();
}

#[test]
fn a_disk_without_room_is_refused_before_anything_is_written() {
    let cache = scratch("room");
    cache.check_room("Install a thing", 1_000).unwrap();
    let refused = cache.check_room("Install a thing", u64::MAX).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.starts_with("Install a thing: this takes 18446744073710 MB"),
        "{said}"
    );
    assert!(
        said.contains("free some space, or set TENON_CACHE"),
        "{said}"
    );
    cache.remove().unwrap();
}

#[test]
fn a_digest_is_hexadecimal() {
    assert_eq!(
        digest(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
