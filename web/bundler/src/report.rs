//! The table of sizes at the end of a build.

use crate::assets::File;

/// What a first visit loads: a theme is chosen instead of the default, so only the default counts; parts come when
/// they are needed.
fn is_first_load(path: &str) -> bool {
    let name = path.strip_prefix("assets/").unwrap_or(path);
    ["app-", "boot-", "bootstrap-", "fealty-", "icons-", "index.html", "link-"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Prints one line per file and the sum of a first visit.
#[expect(clippy::print_stdout, reason = "this table is what the command is run for")]
pub fn print(files: &[File], release: bool) {
    println!("{:<40} {:>12} {:>10} {:>10}", "file", "raw", "gzip", "brotli");
    let (mut raw, mut gzip, mut brotli) = (0, 0, 0);
    for file in files {
        println!(
            "{:<40} {:>12} {:>10} {:>10}",
            file.path,
            file.raw,
            file.gzip.map_or_else(|| "-".to_owned(), |n| n.to_string()),
            file.brotli.map_or_else(|| "-".to_owned(), |n| n.to_string())
        );
        if is_first_load(&file.path) {
            raw += file.raw;
            gzip += file.gzip.unwrap_or(file.raw);
            brotli += file.brotli.unwrap_or(file.raw);
        }
    }
    println!("{:<40} {raw:>12} {gzip:>10} {brotli:>10}", "first load");
    if !release {
        println!("(debug build: not compressed)");
    }
}

#[cfg(test)]
mod tests {
    use super::is_first_load;

    #[test]
    fn chosen_themes_are_not_part_of_a_first_load() {
        assert!(is_first_load("assets/app-0123456789.wasm"));
        assert!(is_first_load("index.html"));
        assert!(!is_first_load("assets/split_admin-0123456789.wasm"));
        assert!(!is_first_load("assets/darkly-0123456789.css"));
    }
}
