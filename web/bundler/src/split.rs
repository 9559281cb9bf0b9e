//! Cuts what the linker wrote at its split points (`#[wasm_split]` in the SPA): the main module, and parts that the
//! browser fetches when they are first needed. A script, the link, knows the parts and is imported by the main module.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wasm_split_cli_support::{Options, transform};

use crate::{
    Result,
    assets::{Assets, fingerprint},
};

/// The name by which the main module imports the link until both get their addresses.
const LINK: &str = "./link.js";
/// The name by which the link imports the main module's script until both get their addresses.
const APP: &str = "./app.js";

/// The pieces.
pub struct Pieces {
    /// The main module, which wasm-bindgen has not seen yet.
    pub main: PathBuf,
    /// The link's text.
    link: String,
    parts: Vec<PathBuf>,
}

/// Cuts a module, which must have been linked with `--emit-relocs`. The pieces lie in a folder beside it.
pub fn cut(wasm: &Path) -> Result<Pieces> {
    let folder = wasm.with_extension("split");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|e| format!("cannot empty {}: {e}", folder.display()))?;
    }
    let input = fs::read(wasm).map_err(|e| format!("cannot read {}: {e}", wasm.display()))?;
    let main = folder.join("main.wasm");
    let mut options = Options::new(&input);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.link_name = LINK;
    options.main_module = APP;
    let parts = transform(options).map_err(|e| format!("splitting {}: {e:#}", wasm.display()))?.split_modules;
    let link = crate::read_text(&folder.join(LINK))?;
    Ok(Pieces { main, link, parts })
}

impl Pieces {
    /// Writes the parts among the assets; the answer is the link with their addresses in it.
    pub fn write_parts(&self, assets: &mut Assets) -> Result<String> {
        let mut link = self.link.clone();
        for part in &self.parts {
            let stem = part.file_stem().and_then(|stem| stem.to_str()).unwrap_or("part");
            let content = fs::read(part).map_err(|e| format!("cannot read {}: {e}", part.display()))?;
            let address = assets.hashed(stem, "wasm", &content)?;
            link = replaced(&link, &format!("\"./{stem}.wasm\""), &format!("\"{address}\""))?;
        }
        Ok(link)
    }
}

/// Writes the main module's script and the link. Each imports the other, so both get the hash of the two together.
pub fn write_scripts(assets: &mut Assets, app: &str, link: &str) -> Result<(String, String)> {
    let hash = fingerprint([app, link].concat().as_bytes());
    let (app_path, link_path) = (format!("assets/app-{hash}.js"), format!("assets/link-{hash}.js"));
    // Only where it is imported from: the module itself knows the link by its first name.
    let app = replaced(app, &format!("from \"{LINK}\""), &format!("from \"/{link_path}\""))?;
    let link = replaced(link, &format!("from \"{APP}\""), &format!("from \"/{app_path}\""))?;
    assets.named(&app_path, app.as_bytes())?;
    assets.named(&link_path, link.as_bytes())?;
    Ok((format!("/{app_path}"), format!("/{link_path}")))
}

/// Replaces a name by an address; a name that is not there means that a tool changed its ways.
fn replaced(script: &str, name: &str, address: &str) -> Result<String> {
    if script.contains(name) {
        Ok(script.replace(name, address))
    } else {
        Err(format!("a script does not mention {name}: a tool of this build changed its output"))
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn a_changed_tool_is_noticed() {
        assert_eq!(replaced("import 'x'", "x", "/x-1").as_deref(), Ok("import '/x-1'"));
        assert!(replaced("import 'y'", "x", "/x-1").is_err());
    }
}
