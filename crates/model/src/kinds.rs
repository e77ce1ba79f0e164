//! The closed vocabularies that tables, findings and help texts share.

/// Declares an enumeration with one written word per variant.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All words, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as tables and products write it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads the word back.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// A stage of the one way through, in order.
    Stage {
        /// Bytes to rows.
        Ingest = "ingest",
        /// Rows and texts to observables and slips.
        Extract = "extract",
        /// Observables against what is known.
        Enrich = "enrich",
        /// Values that tie kinds of evidence together.
        Correlate = "correlate",
        /// Rival explanations, weighed.
        Assess = "assess",
        /// Products for readers and machines.
        Publish = "publish",
    }
}

words! {
    /// How a row is known.
    Basis {
        /// Read off the evidence itself.
        Observed = "observed",
        /// Said by somebody: a provider, a feed, a note, a header that anyone can write.
        Declared = "declared",
        /// Worked out by Handprint from other rows.
        Derived = "derived",
    }
}

words! {
    /// Kinds of observable value; names follow STIX 2.1 and MISP where they have one.
    ObservableKind {
        /// IPv4 or IPv6 address, RFC 5952 spelling.
        Ip = "ip",
        /// Address range in CIDR notation.
        Cidr = "cidr",
        /// Registered or deeper domain name, lower case, IDN in A-label form.
        Domain = "domain",
        /// URL with scheme.
        Url = "url",
        /// Mail address, domain in lower case.
        Email = "email",
        /// MD5 digest.
        Md5 = "md5",
        /// SHA-1 digest.
        Sha1 = "sha1",
        /// SHA-256 digest.
        Sha256 = "sha256",
        /// SHA-512 digest.
        Sha512 = "sha512",
        /// Windows path or UNC path.
        WindowsPath = "windows-path",
        /// Absolute Unix path.
        UnixPath = "unix-path",
        /// File name with a telling extension.
        Filename = "filename",
        /// User name in a prompt or home folder.
        Username = "username",
        /// Host name in a prompt.
        Hostname = "hostname",
        /// MAC address, lower case, colons.
        Mac = "mac",
        /// Autonomous system number.
        Asn = "asn",
        /// CVE identifier.
        Cve = "cve",
        /// ATT&CK technique, tactic, group or software id.
        Attack = "attack",
        /// Cryptocurrency wallet whose checksum holds.
        Wallet = "wallet",
        /// Telephone number in E.164 form.
        Phone = "phone",
        /// Web analytics or advertising id.
        Tracker = "tracker",
    }
}

words! {
    /// Kinds of slip, as `findings.json` names them.
    SlipKind {
        /// An address of the operators' own.
        Ip = "ip",
        /// A file path on the operators' machine.
        Path = "path",
        /// A user name on the operators' machine.
        Username = "username",
        /// A host name of the operators' own.
        Host = "host",
        /// A clock offset, as `+0330`.
        Tz = "tz",
        /// A charset that tells the software's set-up.
        Charset = "charset",
        /// An account name.
        Handle = "handle",
        /// A mail address of the operators' own.
        Email = "email",
        /// A URL of the operators' own.
        Url = "url",
        /// A domain of the operators' own.
        Domain = "domain",
        /// Anything else, such as the name of a script or mailer.
        Other = "other",
    }
}

words! {
    /// How cheaply an operator could have planted a mark to mislead.
    PlantCost {
        /// A keystroke: a header, a file name, a comment.
        Trivial = "trivial",
        /// Some care over many items, such as one time zone throughout.
        Low = "low",
        /// Needs something of the framed party's, such as its server.
        High = "high",
    }
}

words! {
    /// Traffic Light Protocol 2.0 marks.
    Mark {
        /// May be published.
        Clear = "clear",
        /// The community.
        Green = "green",
        /// The organisation and its clients.
        Amber = "amber",
        /// The organisation alone.
        AmberStrict = "amber+strict",
        /// The named recipients alone.
        Red = "red",
    }
}
