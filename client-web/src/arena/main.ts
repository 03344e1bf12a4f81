/** Puts the page together: session, input, picture, menu, HUD and notices, and the loop that drives them. */

import "./ui/page.css";
import "./ui/menu.css";
import "./ui/matches.css";
import "./ui/private.css";
import "./ui/hud.css";
import "./ui/kill_feed.css";
import "./ui/minimap.css";
import "./ui/callout.css";
import "./ui/board.css";
import "./ui/notice.css";
import "./ui/net_panel.css";
import "./ui/settings.css";
import "./ui/touch.css";
import "./ui/watch_bar.css";
import "./ui/appearance.css";

import { ConditionedLink } from "../tickroom/net/conditioned_link.ts";
import { conditionsOf, DIRECT } from "../tickroom/net/conditions.ts";
import { Connection, parserOf } from "../tickroom/net/connection.ts";
import { transportsOf } from "../tickroom/net/transports.ts";
import type { MatchChoice } from "../tickroom/protocol/message.ts";
import { Session } from "../tickroom/session.ts";
import type { Point } from "../tickroom/sim/prediction.ts";
import { bareCounts, exposeProbe, type ArenaSession } from "./debug/probe.ts";
import { Recorder } from "./debug/recorder.ts";
import { playsByItself } from "./entry.ts";
import { arena } from "./game.ts";
import type { PageAction } from "./input/actions.ts";
import { Autopilot } from "./input/autopilot.ts";
import { Controls } from "./input/controls.ts";
import { Gamepads } from "./input/gamepad.ts";
import { Keyboard } from "./input/keyboard.ts";
import { Pointer } from "./input/pointer.ts";
import { Touch } from "./input/touch.ts";
import { Play } from "./play.ts";
import type { Event } from "./protocol/event.ts";
import { NEUTRAL } from "./protocol/input.ts";
import { openCanvas } from "./render/canvas.ts";
import { Quality } from "./render/quality.ts";
import { Scene } from "./render/scene.ts";
import { Room } from "./room.ts";
import { SettingsStore } from "./settings/store.ts";
import type { Cue } from "./sound/ears.ts";
import { placedAt, sideOf } from "./sound/place.ts";
import { Speaker } from "./sound/speaker.ts";
import { untouched } from "./switchboard.ts";
import { showAppearance } from "./ui/appearance.ts";
import { Away } from "./ui/away.ts";
import { Captions } from "./ui/captions.ts";
import { element } from "./ui/element.ts";
import { Hud } from "./ui/hud.ts";
import { Invite } from "./ui/invite.ts";
import { Menu } from "./ui/menu.ts";
import type { NetFigures } from "./ui/net_figures.ts";
import { NetPanel } from "./ui/net_panel.ts";
import { noticeOf, refusalText, type NoticeAction } from "./ui/notice.ts";
import { NoticeView } from "./ui/notice_view.ts";
import { rememberedName } from "./ui/player_name.ts";
import { reloadOnceFor } from "./ui/reload.ts";
import { rememberedSeat, rememberSeat } from "./ui/seat_memory.ts";
import { SettingsDialog } from "./ui/settings_dialog.ts";
import { Toolbar } from "./ui/toolbar.ts";
import { spectatedBy, Watching } from "./watch/watching.ts";

/** How often the menu asks what is played. */
const LIST_MS = 4000;

/** What `?link=` and `?latency=` hold up is the same each time. */
const LINK_SEED = 1;

const query = new URLSearchParams(location.search);
const settings = new SettingsStore();
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const settingsDialog = new SettingsDialog(settings);
const toolbar = new Toolbar({ mute: toggleMute, settings: toggleSettings });
const speaker = new Speaker(window);
const captions = new Captions();
const keyboard = new Keyboard(window, { plays: () => isPlaying() && !settingsDialog.isOpen, act: actOnKey });
const gamepads = new Gamepads(window, (name) => toolbar.showPad(name));
const touch = new Touch(window);
const isBot = playsByItself(query);
const devices = [keyboard, gamepads, touch, ...(isBot ? [new Autopilot(Math.random)] : [])];
const controls = new Controls(devices, new Pointer(byId("frame"), window));
const menu = new Menu(join, () => session.list(), (matchId) => watching.spectate(matchId));
const hud = new Hud(() => session.leave());
const watching = new Watching(window, byId("frame"), {
  session: () => session,
  takesKeys: () => !settingsDialog.isOpen,
  isCalm: () => settings.value.calm || reducedMotion.matches,
  sound,
  join: (matchId) => menu.chooseMatch(matchId),
});
const notices = new NoticeView(act);
const invite = new Invite();
const room = new Room(query, menu, invite);
const away = new Away();
const recorder = new Recorder();
const quality = new Quality();
const stage = byId("stage");
byId("ui").append(touch.root, captions.root, hud.root, invite.root, watching.bar.root, menu.root, toolbar.root, notices.root, settingsDialog.root);

const board = untouched();

let netPanel: NetPanel | undefined;
let scene: Scene | undefined;
let rendererName = "none";
let canDraw = true;
let play: Play | undefined;
let playedName = "";
let listedMs = -Infinity;
let started = false;

const session: ArenaSession = new Session(
  arena,
  () => play?.intent(performance.now()) ?? NEUTRAL,
  {
    onChange: () => update(),
    onEvent: (event, tick) => receive(event, tick, performance.now()),
    onPredicted: (step) => play?.predicted(step),
    onMatches: (matches) => menu.showMatches(matches, session.roundTripMs),
    onToken: rememberSeat,
  },
  (listener) => {
    const link = new ConditionedLink(conditionsOf(query) ?? DIRECT, LINK_SEED, listener, (inner) =>
      new Connection(undefined, inner, transportsOf(query.get("transport")), parserOf(query.get("parser"))),
    );
    netPanel = new NetPanel(link, board);
    byId("ui").append(netPanel.root);
    return link;
  },
  board,
);

started = true;
exposeProbe(
  session,
  () => ({
    renderer: rendererName,
    quality: quality.level,
    aim: play?.aim ?? 0,
    projectiles: play?.projectiles ?? 0,
    hitsDealt: play?.hitsDealt ?? 0,
    hitsTaken: play?.hitsTaken ?? 0,
    shots: play?.shots,
    watch: watching.current,
    sound: speaker.state,
    panel: netPanel?.state,
    switches: { ...board },
    bare: bareCounts(play?.drawnBare),
  }),
  () => recorder.frames(),
);
window.addEventListener("online", () => session.retry());
document.addEventListener("visibilitychange", look);
look();
window.addEventListener("keydown", (event) => {
  if (event.code === "Escape" && isPlaying() && !settingsDialog.isOpen) {
    session.leave();
  }
});
settings.follow((value) => {
  showAppearance(document.documentElement, value);
  applyLook();
});
reducedMotion.addEventListener("change", applyLook);
settings.follow(({ bindings }) => {
  keyboard.bind(bindings);
  hud.setKeys(bindings);
  menu.setKeys(bindings);
});
settings.follow((value) => quality.choose(value.quality));
settings.follow(({ muted, volume, captions: shown }) => {
  speaker.setVolume(muted ? 0 : volume);
  toolbar.showMuted(muted);
  captions.setOn(shown);
});
void open();
begin();
update();
menu.focus();
enter();
requestAnimationFrame(frame);

/** Tells the session whether anybody sees the page. */
function look(): void {
  const visible = document.visibilityState !== "hidden";
  session.show(visible, performance.now());
  away.look(visible, performance.now());
  watching.show(visible);
  if (visible) {
    play?.wake();
  }
}

/** The game runs also where it cannot be drawn: the notice says so. `?renderer=webgl` is an aid for debugging. */
async function open(): Promise<void> {
  const renderer = await openCanvas(stage, query.get("renderer") === "webgl");
  canDraw = renderer !== undefined;
  rendererName = renderer?.name ?? "none";
  scene = renderer === undefined ? undefined : new Scene(renderer);
  applyLook();
  update();
}

function applyLook(): void {
  const { calm, safeColors } = settings.value;
  scene?.setLook({ calm: calm || reducedMotion.matches, safeColors });
}

/** Whoever came by a link sees that match; after a reload a player is back at once. */
function begin(): void {
  const matchId = spectatedBy(query);
  if (matchId !== undefined) {
    watching.spectate(matchId);
    return;
  }
  const token = rememberedSeat();
  const name = rememberedName();
  if (token !== undefined && name !== undefined && !room.leadsElsewhere) {
    playedName = name;
    session.resume(name, token);
  }
}

/** Whoever follows a link and has played here before is in the match at once; others choose a name first. */
function enter(): void {
  const knowsWhere = room.open() && rememberedName() !== undefined;
  if (session.state.kind === "idle" && (knowsWhere || isBot)) {
    menu.press();
  }
}

/** `shownMs` is the browser's time of the frame, which is as even as the screen. */
function frame(shownMs: number): void {
  requestAnimationFrame(frame);
  const nowMs = performance.now();
  session.advance(nowMs);
  showNotice(nowMs);
  captions.tick(nowMs);
  touch.show(isPlaying(), settings.value.leftHanded);
  netPanel?.tick(nowMs, netFigures);
  watching.advance(nowMs);
  if (session.match === undefined || watching.isBehindMenu) {
    listNow(nowMs);
  }
  if (session.match === undefined) {
    quality.rest();
  } else if (play === undefined) {
    scene?.setLevel(quality.frame(shownMs));
    watching.draw(scene, hud, session.roundTripMs, nowMs);
  } else {
    scene?.setLevel(quality.frame(shownMs));
    recorder.note(play.draw(scene, hud, session.roundTripMs, nowMs), play.told, nowMs);
  }
}

/** Something happened at this tick. */
function receive(event: Event, tick: number, nowMs: number): void {
  play?.receive(event, tick, hud, nowMs);
  watching.receive(event, tick, nowMs);
}

function netFigures(): NetFigures {
  const { match, roundTripMs, serverBeat } = session;
  return { roundTripMs, timing: match?.timing, counters: match?.counters, server: serverBeat };
}

function listNow(nowMs: number): void {
  if (nowMs - listedMs > LIST_MS && session.linkState.kind === "online") {
    listedMs = nowMs;
    session.list();
  }
}

function isPlaying(): boolean {
  return session.state.kind === "playing";
}

/** Brings menu, HUD and notices in line with the session. */
function update(): void {
  // The connection may tell its state while the session is being made.
  if (!started) {
    return;
  }
  const { state, match } = session;
  const otherVersion = versionOfServer();
  if (otherVersion !== undefined && reloadOnceFor(otherVersion)) {
    return;
  }
  watching.update();
  if (play?.match !== match) {
    play = match === undefined || match.watches ? undefined : new Play(match, session.roster, controls, sound, board);
  }
  const inMatch =
    match !== undefined && (play !== undefined || watching.isSpectating) && state.kind !== "idle" && state.kind !== "refused";
  if (!inMatch && menu.root.hidden) {
    listedMs = -Infinity;
  }
  menu.show(!inMatch);
  menu.setLive(scene !== undefined && watching.current !== undefined);
  menu.setBusy(state.kind === "joining" && !session.watches);
  if (state.kind === "refused") {
    menu.setProblem(refusalText(state));
  }
  hud.show(inMatch);
  room.follow(state, inMatch, match?.joined.code);
  showNotice(performance.now());
}

/** What the player must know at this moment, also when nothing but time has passed. */
function showNotice(nowMs: number): void {
  const situation = {
    connection: session.linkState,
    // What is behind the menu is no news, whatever becomes of it.
    session: watching.isBehindMenu ? ({ kind: "idle" } as const) : session.state,
    closesAtMs: session.serverClosesAtMs,
    garbled: session.isGarbled(nowMs),
    awayMs: isPlaying() ? away.told(nowMs) : undefined,
    canDraw,
  };
  notices.show(noticeOf(situation), nowMs);
}

/** What tells the server's version from this page's; undefined as far as they are the same. */
function versionOfServer(): number | string | undefined {
  const { state, linkState } = session;
  if (linkState.kind === "outdated") {
    return linkState.server;
  }
  return state.kind === "refused" && state.refusal.kind === "protocol mismatch" ? state.refusal.server : undefined;
}

function join(name: string, choice: MatchChoice): void {
  playedName = name;
  session.play(name, choice);
}

function act(action: NoticeAction): void {
  switch (action) {
    case "retry":
      session.retry();
      break;
    case "play":
      session.play(playedName);
      break;
    case "play here":
      session.playHere();
      break;
    case "reload":
      location.reload();
      break;
  }
}

function sound({ sound: name, at, caption, own }: Cue, listener: Point | undefined): void {
  const nowMs = performance.now();
  speaker.play(name, placedAt(at, listener), own, nowMs);
  if (caption !== undefined) {
    captions.add(caption, sideOf(at, listener), nowMs);
  }
}

function toggleMute(): void {
  settings.change({ muted: !settings.value.muted });
}

function toggleSettings(): void {
  keyboard.letGo();
  settingsDialog.toggle();
}

/** A key of the page was pressed. */
function actOnKey(action: PageAction): void {
  switch (action) {
    case "panel":
      netPanel?.toggle();
      break;
    case "settings":
      toggleSettings();
      break;
    case "mute":
      toggleMute();
      break;
  }
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  return found ?? document.body.appendChild(element("div", ""));
}
