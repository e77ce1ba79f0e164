use super::*;

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>, head in "(DKIM-Signature|ARC-Seal|From|ARC-Message-Signature): [a-z=;: \r\n\t0-9/+-]{0,80}") {
        let mut raw = head.into_bytes();
        raw.extend(bytes);
        for signed in signatures(&raw) {
            let claim = Claim {
                algorithm: &signed.algorithm, domain: &signed.domain, identity: signed.identity.as_deref(),
                digest: &signed.digest, signature: &signed.signature, body_holds: signed.body_holds,
            };
            proptest::prop_assert_ne!(verify(&claim, "v=DKIM1; p=").result, "pass");
        }
    }
}
