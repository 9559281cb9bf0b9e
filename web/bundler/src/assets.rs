//! Writes files with a hash of their content in the name, and their compressed twins.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::Result;

/// One file of the build, for the size table.
pub struct File {
    /// Path below the site's root.
    pub path: String,
    /// Bytes as they are.
    pub raw: usize,
    /// Bytes with gzip; none where the file is not compressed.
    pub gzip: Option<usize>,
    /// Bytes with brotli; none where the file is not compressed.
    pub brotli: Option<usize>,
}

/// The folder being filled.
pub struct Assets {
    root: PathBuf,
    compress: bool,
    files: Vec<File>,
}

impl Assets {
    /// Starts an empty folder.
    pub fn create(root: &Path, compress: bool) -> Result<Self> {
        let fail = |e: std::io::Error| format!("cannot make {}: {e}", root.display());
        if root.exists() {
            fs::remove_dir_all(root).map_err(fail)?;
        }
        fs::create_dir_all(root.join("assets")).map_err(fail)?;
        Ok(Self { root: root.to_path_buf(), compress, files: Vec::new() })
    }

    /// Writes `/assets/<stem>-<hash>.<extension>` and returns its address.
    pub fn hashed(&mut self, stem: &str, extension: &str, content: &[u8]) -> Result<String> {
        let path = format!("assets/{stem}-{}.{extension}", fingerprint(content));
        self.write(&path, content)?;
        Ok(format!("/{path}"))
    }

    /// Writes a file that keeps its name.
    pub fn named(&mut self, path: &str, content: &[u8]) -> Result<()> {
        self.write(path, content)
    }

    /// What was written so far.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    fn write(&mut self, path: &str, content: &[u8]) -> Result<()> {
        let target = self.root.join(path);
        self.put(&target, content)?;
        let (mut gzip, mut brotli) = (None, None);
        if self.compress {
            let packed = gzip_bytes(content).map_err(|e| format!("gzip of {path}: {e}"))?;
            self.put(&self.root.join(format!("{path}.gz")), &packed)?;
            gzip = Some(packed.len());
            let packed = brotli_bytes(content).map_err(|e| format!("brotli of {path}: {e}"))?;
            self.put(&self.root.join(format!("{path}.br")), &packed)?;
            brotli = Some(packed.len());
        }
        self.files.push(File { path: path.to_owned(), raw: content.len(), gzip, brotli });
        Ok(())
    }

    fn put(&self, target: &Path, content: &[u8]) -> Result<()> {
        fs::write(target, content).map_err(|e| format!("cannot write {}: {e}", target.display()))
    }
}

/// The first 10 hexadecimal digits of SHA-256: enough that two builds never share a name.
pub fn fingerprint(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().take(5).fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn gzip_bytes(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn brotli_bytes(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &parameters)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_follows_the_content() {
        assert_eq!(fingerprint(b"a").len(), 10);
        assert_eq!(fingerprint(b"a"), fingerprint(b"a"));
        assert_ne!(fingerprint(b"a"), fingerprint(b"b"));
    }

    #[test]
    fn compression_makes_repetition_small() {
        let text = "fealty ".repeat(1000);
        assert!(gzip_bytes(text.as_bytes()).is_ok_and(|packed| packed.len() < 200));
        assert!(brotli_bytes(text.as_bytes()).is_ok_and(|packed| packed.len() < 100));
    }
}
