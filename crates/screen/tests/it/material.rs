//! Where the tests get their videos: made by ffmpeg, or from `../shared`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use screen::media::Limits;
use screen::read::Models;

/// True if ffmpeg is there; says so if not.
pub fn has_ffmpeg() -> bool {
    let has = Limits::default().ffmpeg.exists() && Limits::default().ffprobe.exists();
    if !has {
        eprintln!("skipped: no ffmpeg");
    }
    has
}

/// A file that ffmpeg makes from these words in a folder.
pub fn made(folder: &Path, name: &str, words: &str) -> PathBuf {
    let path = folder.join(name);
    let mut command = Command::new(Limits::default().ffmpeg);
    command.args(["-nostdin", "-v", "error", "-y"]).args(words.split(' ')).arg(&path);
    assert!(command.status().unwrap().success(), "ffmpeg {words}");
    path
}

pub fn open(path: &Path) -> File {
    File::open(path).unwrap()
}

/// A recording of the shared material; says so if it is not there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/video").join(name);
    if !path.exists() {
        eprintln!("skipped: no ../shared");
    }
    Some(path).filter(|path| path.exists())
}

/// The models where `./x` puts them; says so if they are not there.
pub fn models() -> Option<Models> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or(home)?;
    let folder = data.join("handprint/models");
    let models = Models::load(&folder.join("PP-OCRv6_det_small.onnx"), &folder.join("PP-OCRv6_rec_small.onnx"));
    if models.is_err() {
        eprintln!("skipped: no models");
    }
    models.ok()
}
