use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use socketio::{Config, Parser};

use crate::stage::{Server, push_binary, push_text, turn, until};
use allocator::counted_allocations;

/// A server that counts the inputs it hears of, and their bytes.
fn server(parser: Parser, heard: &Arc<AtomicU64>) -> Server {
    let config = Config {
        parser,
        compact_events: vec!["input".to_owned()],
        ..Config::default()
    };
    Server::start(config, |io| {
        let heard = heard.clone();
        io.of("/").on_connection(move |socket| {
            let heard = heard.clone();
            socket.on_sync("input", move |event| {
                assert_eq!(event.binary(0), Some(&INPUT[..]));
                heard.fetch_add(1, Ordering::SeqCst);
            });
        });
    })
}

const INPUT: [u8; 16] = [7; 16];

/// `count` inputs as a client of `parser` frames them.
fn inputs(parser: Parser, count: usize) -> Vec<u8> {
    let mut frames = Vec::new();
    for _ in 0..count {
        if parser == Parser::Compact {
            push_binary(&mut frames, &[&[0], &INPUT[..]].concat());
        } else {
            push_text(&mut frames, r#"451-["input",{"_placeholder":true,"num":0}]"#);
            push_binary(&mut frames, &INPUT);
        }
    }
    frames
}

fn check_allocates_nothing(parser: Parser) {
    let _turn = turn();
    let heard = Arc::default();
    let server = server(parser, &heard);
    let mut client = server.joined();
    let mut sent = 0;
    for batch in [1, 2, 10, 50] {
        let frames = inputs(parser, batch);
        let mut send = |times: u64| {
            for _ in 0..times {
                client.write(&frames);
                sent += batch as u64;
                until(&heard, sent);
            }
        };
        // What is there once for all that follows.
        send(10);
        let before = counted_allocations();
        send(100);
        assert_eq!(counted_allocations() - before, 0, "{batch} at once, {parser:?}");
    }
}

#[test]
fn an_input_of_the_default_parser_allocates_nothing() {
    check_allocates_nothing(Parser::Default);
}

#[test]
fn an_input_of_the_compact_parser_allocates_nothing() {
    check_allocates_nothing(Parser::Compact);
}

#[test]
fn one_read_brings_many_inputs() {
    const AT_ONCE: usize = 200;
    let _turn = turn();
    let heard = Arc::default();
    let server = server(Parser::Compact, &heard);
    let mut client = server.joined();
    let reads = || server.io.stats().reads.load(Ordering::SeqCst);
    let before = reads();
    client.write(&inputs(Parser::Compact, AT_ONCE));
    until(&heard, AT_ONCE as u64);
    // Loopback hands over what was written at once, at the worst in two parts.
    assert!(reads() - before <= 2, "{} reads", reads() - before);
}
