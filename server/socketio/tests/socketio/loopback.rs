//! An adapter for several servers in this process: every question travels as bytes through a channel to each node, its own
//! too, so that all nodes act in one order.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use socketio::adapter::{
    Adapter, Delivery, Enter, Local, Outbound, Packet, Pending, Pid, Restored, Selection, SessionRecord,
    SessionStore, SocketRecord,
};
use socketio::{AdapterError, Args, BroadcastError};
use tokio::sync::{mpsc, oneshot};

/// What connects the nodes: for each namespace its members.
#[derive(Clone, Default)]
pub(crate) struct Bus(Arc<Mutex<HashMap<String, Arc<Hub>>>>);

/// The nodes of one namespace.
#[derive(Default)]
struct Hub {
    /// Nothing reaches another node any more.
    cut: AtomicBool,
    members: Mutex<Vec<Member>>,
    /// Sessions and events of all of them.
    store: OnceLock<Option<Arc<SessionStore>>>,
}

#[derive(Clone)]
struct Member {
    node: usize,
    inbox: mpsc::UnboundedSender<Letter>,
}

enum Letter {
    /// A question or an answer, as it would travel.
    Bytes(Vec<u8>),
    /// In its place among them.
    Enter(Box<dyn FnOnce() + Send>),
}

#[derive(Serialize, Deserialize)]
enum Message {
    Broadcast(Packet, Selection, Delivery, Option<String>),
    BroadcastWithAck(Ticket, Packet, Selection, Delivery),
    Fetch(Ticket, Selection),
    Add(Selection, Vec<String>),
    Del(Selection, Vec<String>),
    Disconnect(Selection, bool),
    ServerSide(Packet, Option<Ticket>),
    EndSession(Ticket, Pid),
    /// A node is closed.
    Leave(usize),
    /// To a request, from a node.
    Answer(u64, usize, Answer),
}

/// Where answers go.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Ticket {
    from: usize,
    request: u64,
}

#[derive(Serialize, Deserialize)]
enum Answer {
    /// So many answers follow from this node.
    Expect(usize),
    Args(Packet),
    Sockets(Vec<SocketRecord>),
    /// Nothing more comes from this node; whether it has said what it was asked for.
    Done(bool),
    Left,
}

pub(crate) struct Loopback(Arc<Node>);

struct Node {
    local: Local,
    hub: Arc<Hub>,
    node: usize,
    requests: Mutex<Requests>,
    /// Offset of the newest event that this node has sent to its sockets.
    applied: Mutex<String>,
}

#[derive(Default)]
struct Requests {
    count: u64,
    open: HashMap<u64, mpsc::UnboundedSender<(usize, Answer)>>,
}

/// What came of a question.
#[derive(Default)]
struct Collected {
    args: Vec<Args>,
    sockets: Vec<SocketRecord>,
    missing: usize,
}

impl Bus {
    /// Cuts the links between the nodes of a namespace.
    pub(crate) fn cut(&self, namespace: &str) {
        lock(&self.0)[namespace].cut.store(true, Ordering::Relaxed);
    }

    /// An adapter for the namespace of `local`; nodes are counted as they come.
    pub(crate) fn join(&self, local: Local) -> Loopback {
        let hub = lock(&self.0)
            .entry(local.namespace().to_owned())
            .or_default()
            .clone();
        let store = hub.store.get_or_init(|| SessionStore::new(&local)).clone();
        let (inbox, mut letters) = mpsc::unbounded_channel();
        let mut members = lock(&hub.members);
        let node = members.iter().map(|member| member.node + 1).max().unwrap_or(0);
        members.push(Member { node, inbox });
        drop(members);
        let node = Arc::new(Node {
            local,
            hub,
            node,
            requests: Mutex::default(),
            applied: Mutex::new(store.map(|store| store.position()).unwrap_or_default()),
        });
        let acting = node.clone();
        tokio::spawn(async move {
            while let Some(letter) = letters.recv().await {
                match letter {
                    Letter::Bytes(bytes) => acting.act(serde_json::from_slice(&bytes).unwrap()),
                    Letter::Enter(enter) => enter(),
                }
            }
        });
        Loopback(node)
    }
}

impl Node {
    fn store(&self) -> Option<&Arc<SessionStore>> {
        self.hub.store.get()?.as_ref()
    }

    /// Asks the nodes that are meant, itself among them.
    fn post(&self, local: bool, message: &Message) {
        let own_only = local || self.hub.cut.load(Ordering::Relaxed);
        for member in lock(&self.hub.members).iter() {
            if !own_only || member.node == self.node {
                send(member, message);
            }
        }
    }

    /// Acts on what a node has asked, this one or another.
    fn act(self: &Arc<Self>, message: Message) {
        let local = &self.local;
        match message {
            Message::Broadcast(packet, selection, delivery, None) => {
                local.broadcast(packet.outbound(), &selection, &delivery);
            }
            Message::Broadcast(packet, selection, delivery, Some(offset)) => {
                let mut applied = lock(&self.applied);
                local.broadcast_kept(&packet, &selection, &delivery, &offset);
                *applied = offset;
            }
            Message::BroadcastWithAck(ticket, packet, selection, delivery) => {
                let asked = local.broadcast_with_ack(packet.outbound(), &selection, &delivery);
                let node = self.clone();
                tokio::spawn(async move {
                    let mut answers = asked.unwrap();
                    node.answer(ticket, Answer::Expect(answers.expected()));
                    while let Some(args) = answers.next().await {
                        node.answer(ticket, Answer::Args(packed(&args)));
                    }
                    node.answer(ticket, Answer::Done(true));
                });
            }
            Message::Fetch(ticket, selection) => {
                self.answer(ticket, Answer::Sockets(local.fetch_sockets(&selection)));
                self.answer(ticket, Answer::Done(true));
            }
            Message::Add(selection, rooms) => local.add_sockets(&selection, &rooms),
            Message::Del(selection, rooms) => local.del_sockets(&selection, &rooms),
            Message::Disconnect(selection, close) => local.disconnect_sockets(&selection, close),
            Message::ServerSide(packet, ticket) => {
                let answer = local.server_side(&packet, ticket.is_some());
                let Some(ticket) = ticket else { return };
                let node = self.clone();
                tokio::spawn(async move {
                    let answer = answer.await;
                    let answered = answer.is_some();
                    if let Some(args) = answer {
                        node.answer(ticket, Answer::Args(packed(&args)));
                    }
                    node.answer(ticket, Answer::Done(answered));
                });
            }
            Message::EndSession(ticket, pid) => {
                let (ended, node) = (local.end_session(pid), self.clone());
                tokio::spawn(async move {
                    ended.await;
                    node.answer(ticket, Answer::Done(true));
                });
            }
            Message::Leave(from) => {
                for asker in lock(&self.requests).open.values() {
                    let _ = asker.send((from, Answer::Left));
                }
            }
            Message::Answer(request, from, answer) => {
                if let Some(asker) = lock(&self.requests).open.get(&request) {
                    // Who asked may have given up.
                    let _ = asker.send((from, answer));
                }
            }
        }
    }

    fn answer(&self, ticket: Ticket, answer: Answer) {
        let message = Message::Answer(ticket.request, self.node, answer);
        if let Some(asker) = lock(&self.hub.members)
            .iter()
            .find(|member| member.node == ticket.from)
        {
            send(asker, &message);
        }
    }

    /// Asks nodes and collects what they answer until each has said that it is done, or has left.
    fn ask(
        self: &Arc<Self>,
        local: bool,
        without_self: bool,
        timeout: Duration,
        question: impl FnOnce(Ticket) -> Message,
    ) -> Pending<Result<Collected, Collected>> {
        let (sender, mut answers) = mpsc::unbounded_channel();
        let request = {
            let mut requests = lock(&self.requests);
            requests.count += 1;
            let request = requests.count;
            requests.open.insert(request, sender);
            request
        };
        let message = question(Ticket {
            from: self.node,
            request,
        });
        let mut waited_for = HashMap::new();
        for member in lock(&self.hub.members).iter() {
            let own = member.node == self.node;
            if (own && !without_self) || (!own && !local) {
                if own || !self.hub.cut.load(Ordering::Relaxed) {
                    send(member, &message);
                }
                // A node that says nothing at all is missing at least once.
                waited_for.insert(member.node, 1);
            }
        }
        let node = self.clone();
        Box::pin(async move {
            let deadline = tokio::time::Instant::now() + timeout;
            let (mut collected, mut refused) = (Collected::default(), 0);
            while !waited_for.is_empty() {
                match tokio::time::timeout_at(deadline, answers.recv()).await {
                    Ok(Some((from, answer))) => match answer {
                        Answer::Expect(count) => drop(waited_for.insert(from, count)),
                        Answer::Args(packet) => {
                            collected.args.push(packet.args());
                            *waited_for.entry(from).or_default() -= 1;
                        }
                        Answer::Sockets(sockets) => collected.sockets.extend(sockets),
                        Answer::Done(answered) => {
                            waited_for.remove(&from);
                            refused += usize::from(!answered);
                        }
                        Answer::Left => drop(waited_for.remove(&from)),
                    },
                    _ => break,
                }
            }
            lock(&node.requests).open.remove(&request);
            collected.missing = refused + waited_for.values().sum::<usize>();
            if collected.missing == 0 && waited_for.is_empty() {
                Ok(collected)
            } else {
                Err(collected)
            }
        })
    }
}

impl Adapter for Loopback {
    fn broadcast(&self, outbound: Outbound<'_>, selection: &Selection, delivery: &Delivery) {
        let packet = match outbound.to_packet() {
            Ok(packet) => packet,
            Err(error) => return tracing_error(&error.to_string()),
        };
        let post = |packet: &Packet, offset: Option<&str>| {
            let offset = offset.map(str::to_owned);
            let message = Message::Broadcast(packet.clone(), selection.clone(), delivery.clone(), offset);
            self.0.post(selection.local, &message);
        };
        match self.0.store() {
            Some(store) if self.0.local.recovers() && delivery.is_kept() => {
                store.append(packet, selection, |packet, offset| post(packet, Some(offset)));
            }
            _ => post(&packet, None),
        }
    }

    fn broadcast_with_ack(
        &self,
        outbound: Outbound<'_>,
        selection: &Selection,
        delivery: &Delivery,
        timeout: Duration,
    ) -> Pending<Result<Vec<Args>, BroadcastError>> {
        let packet = match outbound.to_packet() {
            Ok(packet) => packet,
            Err(error) => return Box::pin(async move { Err(error.into()) }),
        };
        let question =
            |ticket| Message::BroadcastWithAck(ticket, packet, selection.clone(), delivery.clone());
        args(self.0.ask(selection.local, false, timeout, question))
    }

    fn fetch_sockets(&self, selection: &Selection) -> Pending<Result<Vec<SocketRecord>, AdapterError>> {
        let question = |ticket| Message::Fetch(ticket, selection.clone());
        let asked = self.0.ask(selection.local, false, PATIENCE, question);
        Box::pin(async move {
            match asked.await {
                Ok(collected) => Ok(collected.sockets),
                Err(collected) => Err(AdapterError::Silent {
                    missing: collected.missing,
                }),
            }
        })
    }

    fn add_sockets(&self, selection: &Selection, rooms: &[String]) {
        self.0
            .post(selection.local, &Message::Add(selection.clone(), rooms.to_vec()));
    }

    fn del_sockets(&self, selection: &Selection, rooms: &[String]) {
        self.0
            .post(selection.local, &Message::Del(selection.clone(), rooms.to_vec()));
    }

    fn disconnect_sockets(&self, selection: &Selection, close: bool) {
        self.0
            .post(selection.local, &Message::Disconnect(selection.clone(), close));
    }

    fn server_side_emit(&self, packet: Packet) {
        let message = Message::ServerSide(packet, None);
        for member in lock(&self.0.hub.members).iter() {
            if member.node != self.0.node {
                send(member, &message);
            }
        }
    }

    fn server_side_emit_with_ack(
        &self,
        packet: Packet,
        timeout: Duration,
    ) -> Pending<Result<Vec<Args>, BroadcastError>> {
        let question = |ticket| Message::ServerSide(packet, Some(ticket));
        args(self.0.ask(false, true, timeout, question))
    }

    fn position(&self) -> Option<String> {
        self.0.store()?;
        Some(lock(&self.0.applied).clone())
    }

    fn persist_session(&self, session: SessionRecord, time: Duration) {
        if let Some(store) = self.0.store() {
            store.persist(session, time);
        }
    }

    fn restore_session(&self, pid: Pid, offset: Option<String>) -> Pending<Option<Restored>> {
        let node = self.0.clone();
        Box::pin(async move {
            let claim = node.local.claim_session(pid.clone()).await;
            let question = |ticket| Message::EndSession(ticket, pid);
            // A node that does not answer may still have the socket: rather a new session than the same twice.
            node.ask(false, true, PATIENCE, question).await.ok()?;
            node.store()?.restore(claim, offset.as_deref())
        })
    }

    fn resume_session(&self, session: Restored, enter: Enter) -> Pending<bool> {
        let node = self.0.clone();
        let (entered, waits) = oneshot::channel();
        // Behind all that was posted to this node, before anything more is.
        let inbox = lock(&node.hub.members)
            .iter()
            .find(|member| member.node == node.node)
            .map(|member| member.inbox.clone());
        let resumed = node.store().zip(inbox).is_some_and(|(store, inbox)| {
            let in_turn: Enter = Box::new(move |missed| {
                let enter = Box::new(move || {
                    enter(missed);
                    let _ = entered.send(());
                });
                let _ = inbox.send(Letter::Enter(enter));
            });
            store.resume(session, in_turn)
        });
        Box::pin(async move { resumed && waits.await.is_ok() })
    }

    fn server_count(&self) -> Pending<Result<usize, AdapterError>> {
        let count = lock(&self.0.hub.members).len();
        Box::pin(async move { Ok(count) })
    }

    fn close(&self) -> Pending<()> {
        let mut members = lock(&self.0.hub.members);
        // With its inbox goes the task that reads it.
        members.retain(|member| member.node != self.0.node);
        for member in members.iter() {
            send(member, &Message::Leave(self.0.node));
        }
        let nodes: HashSet<usize> = members.iter().map(|member| member.node).collect();
        if let (true, Some(store)) = (nodes.is_empty(), self.0.store()) {
            store.close();
        }
        Box::pin(async {})
    }
}

fn args(asked: Pending<Result<Collected, Collected>>) -> Pending<Result<Vec<Args>, BroadcastError>> {
    Box::pin(async move {
        match asked.await {
            Ok(collected) => Ok(collected.args),
            Err(Collected { args, missing, .. }) => Err(BroadcastError::Timeout {
                answers: args,
                missing,
            }),
        }
    })
}

fn packed(args: &Args) -> Packet {
    Outbound { event: "", args }.to_packet().unwrap()
}

fn send(member: &Member, message: &Message) {
    let bytes = serde_json::to_vec(message).unwrap();
    let _ = member.inbox.send(Letter::Bytes(bytes));
}

fn tracing_error(problem: &str) {
    eprintln!("a broadcast cannot be encoded: {problem}");
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const PATIENCE: Duration = Duration::from_secs(5);
