//! The look-up of DNS records, against a resolver on this machine.

use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

use simple_dns::rdata::{A, RData, TXT};
use simple_dns::{CLASS, Packet, QTYPE, RCODE, ResourceRecord, TYPE};

use crate::program::{handprint, sample_case};

/// Answers every question until nobody has asked for ten seconds: TXT with an SPF record
/// that leads on, A with one address, and no such name for policies.
fn resolver() -> (String, thread::JoinHandle<usize>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port of the loopback");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
    let address = socket.local_addr().expect("an address").to_string();
    let answering = thread::spawn(move || {
        let mut bytes = [0; 2048];
        let mut asked = 0;
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            asked += 1;
            let question = Packet::parse(&bytes[..length]).expect("a question");
            let mut answer = Packet::new_reply(question.id());
            let name = question.questions[0].qname.clone();
            let text = name.to_string();
            let record = |data| ResourceRecord::new(name.clone(), CLASS::IN, 60, data);
            match question.questions[0].qtype {
                _ if text.starts_with("_dmarc.") => *answer.rcode_mut() = RCODE::NameError,
                QTYPE::TYPE(TYPE::TXT) => {
                    let said =
                        if text.starts_with("_spf.") { "v=spf1 -all" } else { "v=spf1 include:_spf.leads.test -all" };
                    answer.answers.push(record(RData::TXT(TXT::new().with_string(said).expect("a text"))));
                }
                QTYPE::TYPE(TYPE::A) => answer.answers.push(record(RData::A(A { address: 0xc000_0207 }))),
                _ => {}
            }
            let reply = answer.build_bytes_vec().expect("an answer");
            socket.send_to(&reply, from).expect("it can be sent");
            if text == "_spf.leads.test" {
                socket.set_read_timeout(Some(Duration::from_secs(2))).expect("a time limit");
            }
        }
        asked
    });
    (address, answering)
}

#[test]
fn a_snapshot_holds_what_was_asked_and_what_came_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let (address, answering) = resolver();
    let output = folder.path().join("dns.json");
    let fetch = |more: &[&str]| {
        let mut command = handprint(folder.path());
        command
            .args(["fetch", "dns"])
            .arg(&case)
            .args(["--resolver", &address])
            .arg("--output")
            .arg(&output)
            .args(more);
        command.stdin(std::process::Stdio::null()).output().expect("the program starts")
    };
    assert_eq!(fetch(&[]).status.code(), Some(3), "without leave nothing is asked");
    assert!(!output.exists());
    let done = fetch(&["--yes"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = std::fs::read_to_string(&output).expect("a snapshot");
    let snapshot: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let asked = snapshot["asked"].as_array().expect("a list");
    assert_eq!(asked.len(), answering.join().expect("the resolver ends"));
    assert_eq!(snapshot["records"]["_spf.leads.test"]["TXT"][0], "v=spf1 -all", "records are followed");
    let policies = asked.iter().filter(|one| one["name"].as_str().is_some_and(|name| name.starts_with("_dmarc.")));
    assert!(policies.count() > 0 && asked.iter().all(|one| one["at"].as_str().is_some_and(|at| at.ends_with('Z'))));
    let records = snapshot["records"].as_object().expect("names");
    let empty = records.iter().filter(|(name, _)| name.starts_with("_dmarc."));
    assert!(empty.clone().count() > 0 && empty.into_iter().all(|(_, kinds)| kinds["TXT"] == serde_json::json!([])));
}
