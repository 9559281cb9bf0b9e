//! Turns the compiled SPA into `dist/`: the files the server hands out.
//!
//! Everything under `/assets/` carries a hash of its content in its name, so that it may be cached for ever; only
//! `index.html` and the icon keep their names. A release build also writes `.br` and `.gz` beside each file.
//! The new folder replaces the old one in one rename, so a running server never serves half a build.
//!
//! Usage: `fealty-bundler <debug|release> <app.wasm> <web folder>`

mod assets;
mod icons;
mod page;
mod report;
mod split;
mod styles;
mod unused;
mod wasm;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use assets::Assets;

/// Anything that stops a build, as a sentence for the person who ran it.
pub type Result<T> = std::result::Result<T, String>;

/// Reads a text file; the error names it.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [profile, wasm, web] = arguments.as_slice() else {
        eprintln!("usage: fealty-bundler <debug|release> <app.wasm> <web folder>");
        return ExitCode::from(2);
    };
    match bundle(profile == "release", Path::new(wasm), Path::new(web)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("fealty-bundler: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn bundle(release: bool, wasm_path: &Path, web: &Path) -> Result<()> {
    let modules = web.join("node_modules");
    if !modules.is_dir() {
        return Err(format!("{} is missing: run `npm ci` in {}", modules.display(), web.display()));
    }
    let fresh: PathBuf = web.join("dist.new");
    let mut assets = Assets::create(&fresh, release)?;

    let pieces = split::cut(wasm_path)?;
    let app = wasm::generate(&pieces.main, release)?;
    let wasm_url = assets.hashed("app", "wasm", &app.wasm)?;
    let link = pieces.write_parts(&mut assets)?;
    let (script_url, link_url) = split::write_scripts(&mut assets, &app.script, &link)?;
    let boot_url = assets.hashed("boot", "js", read_text(&web.join("boot.js"))?.as_bytes())?;
    let icons_url = assets.hashed("icons", "svg", icons::sprite(web, &modules)?.as_bytes())?;
    let logo_url = assets.hashed("logo", "svg", read_text(&web.join("logo.svg"))?.as_bytes())?;
    let styles = styles::write(&mut assets, web, &modules)?;

    let html = page::render(
        &read_text(&web.join("index.html"))?,
        &[
            ("script", &script_url),
            ("link", &link_url),
            ("wasm", &wasm_url),
            ("boot", &boot_url),
            ("icons", &icons_url),
            ("logo", &logo_url),
            ("theme_css", &styles.default_theme),
            ("app_css", &styles.app),
            ("themes", &styles.manifest),
        ],
    )?;
    assets.named("index.html", html.as_bytes())?;
    assets.named("favicon.svg", read_text(&web.join("favicon.svg"))?.as_bytes())?;
    assets.named("robots.txt", b"User-agent: *\nDisallow: /\n")?;

    swap(&fresh, &web.join("dist"))?;
    report::print(assets.files(), release);
    Ok(())
}

/// Puts the finished folder in the old one's place.
fn swap(fresh: &Path, dist: &Path) -> Result<()> {
    let old = dist.with_extension("old");
    let fail = |e: std::io::Error| format!("cannot replace {}: {e}", dist.display());
    if old.exists() {
        fs::remove_dir_all(&old).map_err(fail)?;
    }
    if dist.exists() {
        fs::rename(dist, &old).map_err(fail)?;
    }
    fs::rename(fresh, dist).map_err(fail)?;
    if old.exists() {
        fs::remove_dir_all(&old).map_err(fail)?;
    }
    Ok(())
}
