//! A match that crashes, and what its players hear of it.

use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::PlayerState;
use shared::arena::status::{Phase, Status};
use shared::codec::decode_server;
use shared::ids::{EntityId, MatchId, PlayerId};
use shared::name::PlayerName;
use shared::record::{DecodeError, Reader};
use shared::tick::Tick;
use simulation::audience::{Audience, Standing};
use simulation::client::Client as Of;
use simulation::command::{JoinRequest, JoinedSeat, Refused, Reply};
use simulation::game::{Control, Events, Game, Inputs, Observer};
use simulation::grid::InterestRules;
use simulation::handle::{self, Started};
use simulation::mailbox::mailbox;
use simulation::settings::MatchSettings;
use simulation::shard::Shard;
use simulation::simulation::MatchStart;
use socketio::SocketIo;
use socketio::client::{Client, ClientConfig};
use tokio::net::TcpListener;

use super::*;

/// A game whose rules fail as soon as somebody plays.
struct Broken;

impl Game for Broken {
    const NAME: &'static str = "broken";
    const RULES_VERSION: u32 = 1;
    const INTEREST: InterestRules = InterestRules {
        cell_units: 1.0,
        view_width_units: 1.0,
        view_height_units: 1.0,
    };

    type Config = ();
    type Input = Input;
    type Status = Status;
    type Own = ();
    type State = PlayerState;
    type Event = Event;
    type World = ();

    fn setup(_: &()) -> Vec<u8> {
        Vec::new()
    }

    fn encode_config(_: &(), _: &mut Vec<u8>) {}

    fn decode_config(_: &mut Reader<'_>) -> Result<(), DecodeError> {
        Ok(())
    }

    fn build(_: &(), _: u64) {}

    fn tick(_: &mut (), inputs: &Inputs<Input>, _: &mut Events<Event>) {
        assert!(inputs.all().is_empty(), "the rules fail here on purpose");
    }

    fn spawn_player(_: &mut (), player: PlayerId, _: Control, _: &mut Events<Event>) -> EntityId {
        EntityId(player.0)
    }

    fn despawn_player(_: &mut (), _: PlayerId, _: &mut Events<Event>) {}

    fn bot_name(_: usize) -> String {
        String::new()
    }

    fn observe(_: &mut (), _: &mut Observer<PlayerState>) {}

    fn own(_: &(), _: EntityId) {}

    fn audience(_: &(), _: &Event) -> Audience {
        Audience::EVERYBODY
    }

    fn standing(_: &(), _: &mut Standing<Event>) {}

    fn scores(_: &(), _: &mut Vec<u8>) {}

    fn status(_: &()) -> Status {
        Status {
            phase: Phase::Live,
            round: 0,
            ends: Tick(0),
            teams: None,
        }
    }

    fn phase(_: &()) -> &'static str {
        "live"
    }

    fn score(_: &PlayerState) -> u32 {
        0
    }

    fn position(_: &PlayerState) -> (f32, f32) {
        (0.0, 0.0)
    }

    fn hash(_: &()) -> u64 {
        0
    }
}

/// Puts every socket into one match of the broken game.
async fn serve_a_broken_match() -> (std::net::SocketAddr, Shard) {
    let outbound = Outbound::start(Arc::default());
    let Started { handle, running } = handle::start::<Broken>(MatchStart {
        id: MatchId(1),
        config: (),
        seed: 0,
        settings: MatchSettings {
            fill_to: 0,
            ..MatchSettings::default()
        },
        sink: Arc::clone(&outbound) as Arc<dyn MatchSink>,
        stats: Arc::default(),
        recording: None,
    });
    let shard = Shard::spawn(0, Arc::default()).expect("a thread starts");
    assert!(shard.add(running).is_ok(), "the shard is idle");
    let io = SocketIo::builder().build();
    io.of("/").on_connection(move |socket| {
        let (writer, reader) = mailbox();
        let (outbound, socket) = (Arc::clone(&outbound), socket.clone());
        let reply = Reply::new(move |answer: Result<JoinedSeat, Refused>| {
            let Ok(seat) = answer else { return };
            let admitted = outbound.admit(Newcomer {
                client: Of::Player(seat.player),
                socket,
                mailbox: reader,
                taken_count: 1,
                left: Arc::default(),
                welcome: Box::new(|| {}),
                gone: Box::new(drop),
            });
            assert!(admitted.is_ok(), "the queue is empty");
        });
        let name = PlayerName::parse("Ada").expect("the name is good");
        handle.join(JoinRequest {
            name,
            mailbox: writer,
            reply,
        });
    });
    (listen(io).await, shard)
}

/// Serves sockets on a free port.
async fn listen(io: SocketIo) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(socketio::listen::serve(
        listener,
        io,
        socketio::listen::NotFound,
        std::future::pending(),
    ));
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn players_of_a_match_that_crashes_are_told() {
    let (address, shard) = serve_a_broken_match().await;
    let url = format!("http://{address}");
    let client = Client::new(&url, ClientConfig::default()).expect("the URL is one");
    let socket = client.namespace("/");
    let (sender, mut received) = mpsc::channel(16);
    socket.on_sync(EVENT_MESSAGE, move |event| {
        let bytes = event.binary(0).expect("a message has bytes").to_vec();
        sender.try_send(bytes).expect("the test reads");
    });
    socket.connect().await.expect("the namespace is there");
    let message = loop {
        let bytes = received.recv().await.expect("the connection stays");
        match decode_server(&bytes).expect("the server's messages decode") {
            ServerMessage::PlayerJoined(_) => {}
            other => break other,
        }
    };
    assert_eq!(
        message,
        ServerMessage::MatchEnded {
            reason: MatchEnd::Crashed
        }
    );
    tokio::task::spawn_blocking(move || shard.stop())
        .await
        .expect("the shard stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_scores_only_the_newest_leave_and_with_a_snapshot() {
    let stats: Arc<Stats> = Arc::default();
    let outbound = Outbound::start(Arc::clone(&stats));
    let io = SocketIo::builder().build();
    let serving = Arc::clone(&outbound);
    io.of("/").on_connection(move |socket| {
        let (writer, reader) = mailbox();
        let admitted = serving.admit(Newcomer {
            client: Of::Player(PlayerId(1)),
            socket: socket.clone(),
            mailbox: reader,
            taken_count: 1,
            left: Arc::default(),
            welcome: Box::new(|| {}),
            gone: Box::new(drop),
        });
        assert!(admitted.is_ok(), "the queue is empty");
        // Nothing waits yet: the first scores stay.
        serving.notice(Notice::Scores(vec![1]));
        serving.snapshots_ready();
        serving.notice(Notice::Scores(vec![2]));
        serving.notice(Notice::PlayerLeft(PlayerId(9)));
        writer.put(Bytes::from_static(b"snapshot"));
        serving.snapshots_ready();
        // As long as the mailbox has a writer its reader is served.
        std::mem::forget(writer);
    });
    let address = listen(io).await;
    let url = format!("http://{address}");
    let client = Client::new(&url, ClientConfig::default()).expect("the URL is one");
    let socket = client.namespace("/");
    let (sender, mut received) = mpsc::channel(16);
    for name in [EVENT_MESSAGE, EVENT_SNAPSHOT] {
        let sender = sender.clone();
        socket.on_sync(name, move |event| {
            let bytes = event.binary(0).expect("it has bytes").to_vec();
            sender.try_send(bytes).expect("the test reads");
        });
    }
    socket.connect().await.expect("the namespace is there");
    let expected = [
        encode_server(&ServerMessage::PlayerLeft { player: PlayerId(9) }),
        encode_server(&ServerMessage::Scores(vec![2])),
        b"snapshot".to_vec(),
    ];
    for expected in expected {
        assert_eq!(received.recv().await.expect("the connection stays"), expected);
    }
    assert_eq!(stats.scores_superseded.value(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_answer_is_closed_with_a_reason() {
    let outbound = Outbound::start(Arc::default());
    let io = SocketIo::builder().build();
    let [client, other] = [PlayerId(1), PlayerId(2)].map(Of::Player);
    let serving = Arc::clone(&outbound);
    io.of("/").on_connection(move |socket| {
        let admitted = serving.admit(Newcomer {
            client,
            socket: socket.clone(),
            mailbox: mailbox().1,
            taken_count: 1,
            left: Arc::default(),
            welcome: Box::new(|| {}),
            gone: Box::new(drop),
        });
        assert!(admitted.is_ok(), "the queue is empty");
        for client in [other, client] {
            serving.notice(Notice::Gone(client));
        }
    });
    let address = listen(io.clone()).await;
    let url = format!("http://{address}");
    let client = Client::new(&url, ClientConfig::default()).expect("the URL is one");
    let socket = client.namespace("/");
    let (sender, mut closed) = mpsc::channel(1);
    socket.on_disconnect(move |_, _| sender.try_send(()).unwrap_or_default());
    socket.connect().await.expect("the namespace is there");
    closed.recv().await.expect("the connection is closed");
    assert_eq!(io.stats().closed(NOT_ANSWERING), 1);
}
