//! Header names: what each is, who writes it, and how its value may be shown.
//!
//! One list, names in lower case and sorted. A name that is not in it is a
//! program's own: it tells the program, and its value may hold anything.

/// How the value of a header may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// Addresses of readers: only how many.
    Readers,
    /// A subject: masked like a text.
    Subject,
    /// The sender's own addresses, under TLP:RED.
    Sender,
    /// An id that is one message's alone, under TLP:RED.
    Id,
    /// As it stands, without mail addresses.
    Plain,
}

/// One header name.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Lower case.
    pub name: &'static str,
    /// What it is and who writes it, in one sentence.
    pub says: &'static str,
    /// How its value may be shown.
    pub showing: Showing,
}

const fn known(name: &'static str, showing: Showing, says: &'static str) -> Known {
    Known { name, says, showing }
}

/// The list.
pub const HEADER_NAMES: &[Known] = &[
    known(
        "arc-authentication-results",
        Showing::Plain,
        "A forwarder’s own record of what it checked (RFC 8617); worth as much as the forwarder and its seal.",
    ),
    known(
        "arc-message-signature",
        Showing::Plain,
        "A forwarder’s signature over the message as it passed it on (RFC 8617).",
    ),
    known("arc-seal", Showing::Plain, "A forwarder’s signature over the ARC headers below it (RFC 8617)."),
    known(
        "authentication-results",
        Showing::Plain,
        "What a receiving host found when it checked SPF, DKIM and DMARC (RFC 8601); only that host’s own copy can be believed.",
    ),
    known(
        "auto-submitted",
        Showing::Plain,
        "Says that a program sent the message without a person (RFC 3834); the sender writes it.",
    ),
    known("bcc", Showing::Readers, "Hidden recipients; the sender’s program should have removed it."),
    known("cc", Showing::Readers, "Further recipients; the sender writes it, and delivery does not go by it."),
    known(
        "content-disposition",
        Showing::Plain,
        "Whether a part is shown or attached; the sender’s program writes it.",
    ),
    known(
        "content-language",
        Showing::Plain,
        "The language that the sender’s program was set to; it tells a setting, never a person’s origin.",
    ),
    known(
        "content-transfer-encoding",
        Showing::Plain,
        "How the body is packed for transport; the sender’s program writes it, and relays may repack.",
    ),
    known(
        "content-type",
        Showing::Plain,
        "The kind and charset of the body, and the boundary between its parts, whose form tells the program that made it.",
    ),
    known("date", Showing::Plain, "When the message says it was written; the sender’s clock or the sender’s choice."),
    known("delivered-to", Showing::Readers, "The mailbox that it was put into; the delivering host writes it."),
    known(
        "disposition-notification-to",
        Showing::Sender,
        "Asks for a receipt when the message is read; the sender writes it.",
    ),
    known(
        "dkim-signature",
        Showing::Plain,
        "A domain’s signature over body and headers (RFC 6376); it holds for that domain alone, whoever the visible sender is.",
    ),
    known("envelope-to", Showing::Readers, "The envelope’s recipient; the delivering host writes it."),
    known("errors-to", Showing::Sender, "Where reports of failure should go; old, and the sender writes it."),
    known("feedback-id", Showing::Id, "A bulk sender’s mark by which mailbox providers report complaints."),
    known(
        "from",
        Showing::Sender,
        "The sender that readers see; anybody can write anything here, and only an aligned check covers it.",
    ),
    known("importance", Showing::Plain, "Urgency that the sender claims."),
    known("in-reply-to", Showing::Id, "The Message-ID that this answers; the sender’s program writes it."),
    known(
        "list-id",
        Showing::Plain,
        "Names the mailing list (RFC 2919); the list’s program writes it, or one who poses as a list.",
    ),
    known(
        "list-unsubscribe",
        Showing::Id,
        "How to leave a list (RFC 2369); it often holds a mark of the single reader.",
    ),
    known("list-unsubscribe-post", Showing::Plain, "That leaving the list takes one click (RFC 8058)."),
    known("message-id", Showing::Id, "The message’s own name; the first program writes it, and its form tells which."),
    known("mime-version", Showing::Plain, "Always 1.0; its place among the headers is a habit of the program."),
    known("organization", Showing::Plain, "The sender’s organisation, as the sender says."),
    known(
        "precedence",
        Showing::Plain,
        "Calls itself bulk, list or junk so that programs do not answer; the sender writes it.",
    ),
    known("priority", Showing::Plain, "Urgency that the sender claims."),
    known(
        "received",
        Showing::Plain,
        "One hop: the host behind “by” writes it when it takes the message over; any below the line of trust may be invented.",
    ),
    known("received-spf", Showing::Plain, "Result of an SPF check (RFC 7208), by the receiving host that wrote it."),
    known("references", Showing::Id, "Message-IDs of the thread; the sender’s program writes it."),
    known(
        "reply-to",
        Showing::Sender,
        "Where answers go; the sender writes it, and an author who wants answers must own it.",
    ),
    known("resent-from", Showing::Sender, "Who sent an old message on by hand."),
    known("resent-to", Showing::Readers, "To whom an old message was sent on by hand."),
    known(
        "return-path",
        Showing::Sender,
        "The envelope’s sender, where bounces go; the delivering host writes it, and SPF checks this one.",
    ),
    known("sender", Showing::Sender, "Who sent the message for the one in From; the sender writes it."),
    known("subject", Showing::Subject, "The title; the sender writes it."),
    known(
        "to",
        Showing::Readers,
        "The recipient that readers see; the sender writes it, and delivery does not go by it.",
    ),
    known("user-agent", Showing::Plain, "The program that the sender claims to have used."),
    known("x-forwarded-to", Showing::Readers, "Where a mailbox sends its mail on to."),
    known("x-mailer", Showing::Plain, "The program that the sender claims to have used; trivial to invent."),
    known("x-original-to", Showing::Readers, "The envelope’s recipient before aliases; the delivering host writes it."),
    known(
        "x-originating-ip",
        Showing::Plain,
        "The address from which a user of webmail wrote, as the webmail’s host notes it; worth as much as that host.",
    ),
    known(
        "x-php-originating-script",
        Showing::Plain,
        "PHP on the submitting host notes the user number and the script that sent the message; a hacked site often shows here.",
    ),
    known(
        "x-php-script",
        Showing::Plain,
        "The submitting host notes which script sent the message, and often who called the script.",
    ),
    known("x-priority", Showing::Plain, "Urgency that the sender claims, in Outlook’s numbers."),
    known(
        "x-sender-ip",
        Showing::Plain,
        "The address of the sender, as some host notes it; worth as much as that host.",
    ),
    known(
        "x-spam-flag",
        Showing::Plain,
        "Verdict of a spam filter, by the host that runs it; a sender may write it too.",
    ),
    known(
        "x-spam-score",
        Showing::Plain,
        "Score of a spam filter, by the host that runs it; a sender may write it too.",
    ),
    known(
        "x-spam-status",
        Showing::Plain,
        "Verdict and rules of a spam filter, by the host that runs it; a sender may write it too.",
    ),
];

/// A name of the list, in any case.
pub fn find(name: &str) -> Option<&'static Known> {
    let name = name.to_ascii_lowercase();
    HEADER_NAMES.binary_search_by(|known| known.name.cmp(&name)).ok().map(|at| &HEADER_NAMES[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_every_name_is_found() {
        assert!(HEADER_NAMES.is_sorted_by(|a, b| a.name < b.name));
        assert!(
            HEADER_NAMES.iter().all(|known| find(&known.name.to_uppercase()).is_some() && known.says.ends_with('.'))
        );
        assert!(find("X-Nobody-Knows").is_none());
    }
}
