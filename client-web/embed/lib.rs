//! The browser client and the official Socket.IO bundle, embedded in the binary. `build.rs` makes the files.
//!
//! Knows nothing of HTTP beyond the type of a file: the server decides under which address and with which headers it
//! serves them.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/page"]
struct Page;

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/bundle"]
struct Bundle;

/// Vite puts a hash of the content into the names of the files in this folder.
const HASHED_FOLDER: &str = "assets/";

/// Types by the end of the name. What is not listed is not in the page.
const CONTENT_TYPES: [(&str, &str); 5] = [
    (".html", "text/html; charset=utf-8"),
    (".js", "text/javascript; charset=utf-8"),
    (".css", "text/css; charset=utf-8"),
    (".svg", "image/svg+xml"),
    (".map", "application/json"),
];

/// A file of the page.
#[derive(Clone, Debug)]
pub struct File {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// For the header of the same name.
    pub content_type: &'static str,
    /// True when the name changes with the content, so that browsers may keep the file for ever.
    pub immutable: bool,
}

/// A file of the official Socket.IO bundle.
#[derive(Clone, Debug)]
pub struct BundleFile {
    /// As the reference server names it, such as `socket.io.min.js`.
    pub name: String,
    /// For the header of the same name.
    pub content_type: &'static str,
    /// The content.
    pub bytes: Cow<'static, [u8]>,
}

/// The file of the page at `path`, without a leading slash; the page itself is `index.html`.
pub fn page_file(path: &str) -> Option<File> {
    let file = Page::get(path)?;
    Some(File {
        bytes: file.data,
        content_type: content_type(path),
        immutable: path.starts_with(HASHED_FOLDER),
    })
}

/// All files of the bundle; none when the client was not built.
pub fn bundle_files() -> Vec<BundleFile> {
    let file = |name: Cow<'static, str>| {
        let bytes = Bundle::get(&name)?.data;
        Some(BundleFile {
            content_type: content_type(&name),
            name: name.into_owned(),
            bytes,
        })
    };
    Bundle::iter().filter_map(file).collect()
}

/// The version of the bundle, such as `4.8.4`; empty when the client was not built.
pub const fn bundle_version() -> &'static str {
    env!("TICKROOM_BUNDLE_VERSION")
}

/// True when the page is the game, false when it says how to get it.
pub const fn client_built() -> bool {
    matches!(env!("TICKROOM_CLIENT_BUILT").as_bytes(), b"yes")
}

fn content_type(name: &str) -> &'static str {
    CONTENT_TYPES
        .iter()
        .find(|(end, _)| name.ends_with(end))
        .map_or("application/octet-stream", |&(_, content_type)| content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> String {
        let file = page_file(path).unwrap_or_else(|| panic!("{path} is not embedded"));
        String::from_utf8(file.bytes.into_owned()).unwrap()
    }

    /// What stands in quotes after `attribute=` in the page.
    fn linked<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
        html.split(&format!("{attribute}=\"./"))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect()
    }

    #[test]
    fn the_page_and_all_it_links_to_are_embedded() {
        let html = text("index.html");
        assert!(html.contains("<title>Tickroom"));
        let mut links = linked(&html, "href");
        links.extend(linked(&html, "src"));
        assert!(links.len() >= 2, "{html}");
        for link in links {
            let file = page_file(link).unwrap_or_else(|| panic!("{link} is not embedded"));
            assert_ne!(file.content_type, "application/octet-stream", "{link}");
        }
    }

    #[test]
    fn only_hashed_files_are_immutable() {
        assert!(!page_file("index.html").unwrap().immutable);
        assert!(!page_file("favicon.svg").unwrap().immutable);
        let html = text("index.html");
        for script in linked(&html, "src") {
            assert!(page_file(script).unwrap().immutable, "{script}");
        }
    }

    #[test]
    fn paths_outside_the_page_lead_nowhere() {
        for path in [
            "",
            "/",
            "../Cargo.toml",
            "/etc/passwd",
            "assets",
            "assets/../index.html",
            "index.html/",
        ] {
            assert!(page_file(path).is_none(), "{path}");
        }
    }

    /// `tests/run without-node` says which of the two it has built.
    #[test]
    fn without_node_there_is_a_page_that_says_how_to_get_the_client() {
        if std::env::var_os("TICKROOM_EXPECT_CLIENT").is_none_or(|value| value != "missing") {
            assert!(client_built(), "everything else is tested with the client");
            return;
        }
        assert!(!client_built());
        let html = text("index.html");
        assert!(html.contains("<title>") && html.contains("Node"), "{html}");
        assert!(bundle_files().is_empty());
    }

    #[test]
    fn the_bundle_has_each_variant_with_its_map_or_is_empty() {
        let names: Vec<String> = bundle_files().into_iter().map(|file| file.name).collect();
        if !client_built() {
            assert!(names.is_empty() && bundle_version().is_empty());
            return;
        }
        assert_eq!(names.len(), 8);
        assert!(bundle_version().starts_with("4."));
        for file in bundle_files() {
            assert!(!file.bytes.is_empty(), "{}", file.name);
            let is_map = file.name.ends_with(".map");
            assert!(
                is_map || names.contains(&format!("{}.map", file.name)),
                "{}",
                file.name
            );
        }
    }
}
