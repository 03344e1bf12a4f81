//! The maps of whoever runs the server: the text files of a folder, in the order of their names. `server/arena/src/map_file.rs`
//! says how they are written; what is wrong with one is told with its path and line, and the server does not start.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use arena::floor::Floor;
use arena::map_file;
use arena::rotation::{MAPS_MAX, Rotation};

/// More than any map needs: a line for each of its walls and pickups, and as many for people.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Reads all of them; refuses a folder with none or with more than [`MAPS_MAX`], and two maps of one name.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Rotation> {
    let mut floors: Vec<Arc<Floor>> = Vec::new();
    let paths = paths(folder)?;
    for path in &paths {
        let floor = read_map(path)?;
        let name = &floor.map().name;
        if let Some(other) = floors.iter().position(|other| other.map().name == *name) {
            bail!(
                "the maps {} and {} are both named {name}: rename one of them, as a match is asked for by the name of its map",
                paths[other].display(),
                path.display()
            );
        }
        floors.push(floor);
    }
    Rotation::new(floors).with_context(|| {
        format!(
            "there is no .txt file in the folder of maps {}: put one there, as the README says, or leave out --map-dir",
            folder.display()
        )
    })
}

/// The text files of a folder, sorted.
fn paths(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder)
        .with_context(|| format!("the folder of maps {} cannot be read", folder.display()))?;
    let mut paths = Vec::new();
    for entry in listed {
        let path = entry
            .with_context(|| format!("the folder of maps {} cannot be read", folder.display()))?
            .path();
        let extension = path.extension().unwrap_or_default();
        if !extension.eq_ignore_ascii_case("txt") {
            continue;
        }
        if paths.len() == MAPS_MAX {
            bail!(
                "there are more than {MAPS_MAX} maps in {}: leave some out, a match has no more",
                folder.display()
            );
        }
        paths.push(path);
    }
    paths.sort();
    Ok(paths)
}

fn read_map(path: &Path) -> anyhow::Result<Arc<Floor>> {
    let name = path.display();
    // A pipe would never end, and a folder is no text.
    let is_file = fs::metadata(path).map(|found| found.is_file());
    if !is_file.with_context(|| format!("the map {name} cannot be read"))? {
        bail!("the map {name} is no file: remove it or give it another ending");
    }
    let file = File::open(path).with_context(|| format!("the map {name} cannot be read"))?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("the map {name} cannot be read"))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        bail!("the map {name} has more than {FILE_BYTES_MAX} bytes, which no map needs: is it one?");
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = line_of(&error);
        anyhow::anyhow!("the map {name} is no text: line {line} is not UTF-8, save it as that")
    })?;
    map_file::parse(&text).with_context(|| format!("the map {name} cannot be played on"))
}

/// The line up to which it is text.
fn line_of(error: &std::string::FromUtf8Error) -> usize {
    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    1 + good.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, which is removed in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("tickroom-maps-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
            fs::write(self.0.join(file), bytes).unwrap();
        }

        fn error(&self) -> String {
            format!("{:#}", read(&self.0).unwrap_err())
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn map(name: &str) -> String {
        format!("name {name}\nsize 800 600\n")
    }

    #[test]
    fn maps_are_read_in_the_order_of_their_files() {
        let folder = Folder::new("order");
        for (file, name) in [("b.txt", "Second"), ("a.TXT", "First"), ("notes.md", "None")] {
            folder.write(file, map(name));
        }
        let maps = read(&folder.0).unwrap();
        let names: Vec<&str> = maps.maps().map(|map| map.name.as_str()).collect();
        assert_eq!(names, ["First", "Second"]);
    }

    #[test]
    fn what_cannot_be_played_on_is_named_with_its_path_and_line() {
        let check = |name: &str, bytes: &[u8], parts: [&str; 2]| {
            let folder = Folder::new(name);
            folder.write("bad.txt", bytes);
            let error = folder.error();
            assert!(error.contains("bad.txt"), "{error}");
            for part in parts {
                assert!(error.contains(part), "{error}");
            }
        };
        let with = |line: &str| (map("Test") + line).into_bytes();
        check(
            "form",
            &with("wall 9 9 9\n"),
            ["line 3", "wall LEFT TOP WIDTH HEIGHT"],
        );
        check("word", &with("\n\nlava 9 9\n"), ["line 5", "means nothing here"]);
        check(
            "whole",
            &with("wall 390 0 20 600\n"),
            ["nobody can walk", "leave a gap"],
        );
        check("bytes", b"name Test\n\xff\xfe", ["line 2", "UTF-8"]);
        check("size", &[b'#'; 70_000], ["more than 65536 bytes", "is it one?"]);
        check("empty", b"", ["no name", "write a line"]);
    }

    #[test]
    fn a_folder_without_maps_with_too_many_or_with_one_twice_is_refused() {
        let folder = Folder::new("folder");
        assert!(folder.error().contains("no .txt file"), "{}", folder.error());
        fs::create_dir(folder.0.join("a.txt")).unwrap();
        assert!(folder.error().contains("is no file"), "{}", folder.error());
        fs::remove_dir(folder.0.join("a.txt")).unwrap();
        folder.write("a.txt", map("Same"));
        folder.write("b.txt", map("Same"));
        let error = folder.error();
        assert!(
            error.contains("a.txt") && error.contains("b.txt") && error.contains("both named Same"),
            "{error}"
        );
        for index in 0..MAPS_MAX {
            folder.write(&format!("more{index}.txt"), map("More"));
        }
        assert!(folder.error().contains("more than 16 maps"), "{}", folder.error());
        let missing = read(&folder.0.join("nowhere")).unwrap_err();
        assert!(format!("{missing:#}").contains("cannot be read"), "{missing:#}");
    }
}
