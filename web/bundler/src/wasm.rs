//! Runs wasm-bindgen as a library, so that one `Cargo.lock` fixes its version and the crate's together.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::Result;

/// The module and the script that loads it.
pub struct App {
    /// The WebAssembly module.
    pub wasm: Vec<u8>,
    /// The ES module with an `init` function as default export.
    pub script: String,
}

/// Makes what a browser can load from the main module.
pub fn generate(wasm: &Path, release: bool) -> Result<App> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .typescript(false)
        .remove_name_section(release)
        .remove_producers_section(true)
        // The parts import from the main module by the linker's names.
        .keep_lld_exports(true)
        .demangle(false);
    let mut output =
        bindgen.web(true).and_then(Bindgen::generate_output).map_err(|e| format!("wasm-bindgen: {e:#}"))?;
    // Every crate is listed, most with nothing to bring.
    if output.snippets().values().any(|list| !list.is_empty()) || !output.local_modules().is_empty() {
        return Err(
            "a crate brings its own JavaScript snippets, which this bundler does not place".to_owned()
        );
    }
    let script = output.js().to_owned();
    Ok(App { script, wasm: output.wasm_mut().emit_wasm() })
}
