//! Invented mails signed with keys of our own by another implementation, and hostile input.

use std::path::Path;

use super::*;

/// File below `tests/mails`, result, and what the reason has to say.
const MAILS: &[(&str, &str, &str)] = &[
    ("bare_lf.eml", "pass", "RSA key of 2048 bits"),
    ("body_changed.eml", "fail", "the body"),
    ("ed_relaxed.eml", "pass", "Ed25519"),
    ("length.eml", "pass", "RSA"),
    ("respaced.eml", "pass", "RSA"),
    ("respaced_simple.eml", "fail", "the body"),
    ("revoked.eml", "permerror", "revoked"),
    ("rsa_relaxed.eml", "pass", "RSA"),
    ("rsa_simple.eml", "pass", "RSA"),
    ("subject_changed.eml", "fail", "the headers"),
    ("wrong_hash.eml", "permerror", "this hash"),
];

#[test]
fn signed_mails() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let keys = std::fs::read_to_string(folder.join("keys.txt")).unwrap();
    let key = |name: &str| keys.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap();
    for (file, result, reason) in MAILS {
        let raw = std::fs::read(folder.join(file)).unwrap();
        let found = signatures(&raw);
        let [signed] = found.as_slice() else { panic!("{file}: {} signatures", found.len()) };
        assert!(signed.flaws.is_empty(), "{file}: {:?}", signed.flaws);
        let verdict = verify(&signed.claim(), key(&format!("{}._domainkey.{}", signed.selector, signed.domain)));
        assert_eq!(verdict.result, *result, "{file}: {}", verdict.why);
        assert!(verdict.why.contains(reason), "{file}: {}", verdict.why);
    }
    let files = std::fs::read_dir(&folder).unwrap().flatten();
    let mails = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "eml"));
    assert_eq!(mails.count(), MAILS.len(), "every mail is listed");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>, head in "(DKIM-Signature|ARC-Seal|From|ARC-Message-Signature): [a-z=;: \r\n\t0-9/+-]{0,80}") {
        let mut raw = head.into_bytes();
        raw.extend(bytes);
        for signed in signatures(&raw) {
            proptest::prop_assert_ne!(verify(&signed.claim(), "v=DKIM1; p=").result, "pass");
        }
    }
}
