//! What a browser loads first, compressed as the server sends it.

use std::path::Path;

use crate::{
    progress,
    table::{Budget, Table},
};

/// An optimised module is smaller than this; a debug build is many times as large.
const OPTIMISED: u64 = 5_000_000;

/// Adds up what `web/dist/index.html` names: the module and the style sheets in use.
pub fn measure(table: &mut Table) {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist");
    let Ok(page) = std::fs::read_to_string(dist.join("index.html")) else {
        progress("the SPA is not measured: web/dist is not built (sh web/build.sh release)");
        return;
    };
    // The other themes are named in a list and loaded only when somebody chooses one.
    let named = page.split('"').filter_map(|word| word.strip_prefix('/'));
    let mut files: Vec<&str> = named
        .filter(|word| !word.contains(' ') && (word.ends_with(".wasm") || word.ends_with(".css")))
        .collect();
    files.sort_unstable();
    files.dedup();
    let size = |file: &str| std::fs::metadata(dist.join(file)).map(|found| found.len()).ok();
    let is_debug =
        files.iter().any(|file| file.ends_with(".wasm") && size(file).is_none_or(|bytes| bytes > OPTIMISED));
    let compressed: Option<Vec<u64>> = files.iter().map(|file| size(&format!("{file}.br"))).collect();
    match compressed {
        Some(sizes) if !is_debug && !sizes.is_empty() => {
            #[expect(clippy::cast_precision_loss, reason = "some hundred thousand bytes")]
            let kilobytes = sizes.iter().sum::<u64>() as f64 / 1000.0;
            let note = format!("{} files, Brotli", sizes.len());
            table.add("SPA: wasm and css over the wire", kilobytes, "kB", Budget::AtMost(500.0), note);
        }
        _ => progress("the SPA is not measured: web/dist is a development build (sh web/build.sh release)"),
    }
}
