/** Puts the page together: session, input, picture, menu, HUD and notices, and the loop that drives them. */

import "./ui/styles.ts";

import { ConditionedLink } from "../tickroom/net/conditioned_link.ts";
import { conditionsOf, DIRECT } from "../tickroom/net/conditions.ts";
import { Connection, parserOf } from "../tickroom/net/connection.ts";
import type { Link, LinkListener } from "../tickroom/net/link.ts";
import { transportsOf } from "../tickroom/net/transports.ts";
import { Session } from "../tickroom/session.ts";
import { begin, enter } from "./arrival.ts";
import { bareCounts, exposeProbe, type ArenaSession, type PageState } from "./debug/probe.ts";
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
import { Notices } from "./notices.ts";
import { Page } from "./page.ts";
import { NEUTRAL } from "./protocol/input.ts";
import { Replaying } from "./replay/replaying.ts";
import { Room } from "./room.ts";
import { SettingsStore } from "./settings/store.ts";
import { Sounds } from "./sounds.ts";
import { Stage } from "./stage.ts";
import { untouched } from "./switchboard.ts";
import { showAppearance } from "./ui/appearance.ts";
import { element } from "./ui/element.ts";
import { Hud } from "./ui/hud.ts";
import { Invite } from "./ui/invite.ts";
import { Menu } from "./ui/menu.ts";
import type { NetFigures } from "./ui/net_figures.ts";
import { NetPanel } from "./ui/net_panel.ts";
import { rememberSeat } from "./ui/seat_memory.ts";
import { SettingsDialog } from "./ui/settings_dialog.ts";
import { Toolbar } from "./ui/toolbar.ts";
import { Watching } from "./watch/watching.ts";

/** What `?link=` and `?latency=` hold up is the same each time. */
const LINK_SEED = 1;

const query = new URLSearchParams(location.search);
const settings = new SettingsStore();
const settingsDialog = new SettingsDialog(settings);
const toolbar = new Toolbar({ network: toggleNetwork, mute: toggleMute, settings: toggleSettings });
const stage = new Stage(settings);
const sounds = new Sounds(window, settings);
const keyboard = new Keyboard(window, { plays: () => page.isPlaying && takesKeys(), act: actOnKey });
const gamepads = new Gamepads(window, (found) => toolbar.showPad(found));
const touch = new Touch(window);
const devices = [keyboard, gamepads, touch, ...(playsByItself(query) ? [new Autopilot(Math.random)] : [])];
const controls = new Controls(devices, new Pointer(byId("frame"), window));
const board = untouched();
const recorder = new Recorder();

// The connection may tell its state while the session is being made: then there is no page yet to follow it.
let started = false;
let playedName = "";
let netPanel: NetPanel | undefined;

const session: ArenaSession = new Session(
  arena,
  () => (started ? page.intent(performance.now()) : NEUTRAL),
  {
    onChange: () => (started ? page.update() : undefined),
    onEvent: (event, tick) => page.receive(event, tick, performance.now()),
    onPredicted: (step) => page.predicted(step),
    onMatches: (matches, offer) => menu.showMatches(matches, offer, session.roundTripMs),
    onReplays: (replays) => replaying.showList(replays),
    onToken: rememberSeat,
  },
  openLink,
  board,
);
const menu = new Menu(
  (name, choice) => {
    playedName = name;
    session.play(name, choice);
  },
  () => session.list(),
  (matchId) => watching.spectate(matchId),
  () => session.leave(),
);
const hud = new Hud(() => session.leave());
const watching = new Watching(window, byId("frame"), {
  session: () => session,
  takesKeys,
  isCalm: () => stage.isCalm,
  sound: (cue, listener) => sounds.play(cue, listener),
  join: joinWatched,
});
const replaying = new Replaying(window, {
  session: () => session,
  takesKeys,
  watch: (name, tick) => watching.replay(name, tick),
});
menu.root.lastElementChild?.before(replaying.list.root);
const notices = new Notices(session, { playAgain, watchAgain: () => page.watchAgain() });
const invite = new Invite();
const room = new Room(query, menu, invite);
const page = new Page({ session, controls, stage, sounds, menu, hud, watching, notices, room, recorder, board });
// The network panel is there already and stays the last.
byId("ui").prepend(
  touch.root,
  sounds.captions.root,
  hud.root,
  invite.root,
  element("div", "watch-bars", watching.bar.root, replaying.bar.root),
  menu.root,
  toolbar.root,
  notices.root,
  settingsDialog.root,
);

started = true;
exposeProbe(session, pageState, () => recorder.frames());
window.addEventListener("online", () => session.retry());
document.addEventListener("visibilitychange", look);
window.addEventListener("pagehide", giveBack);
look();
window.addEventListener("keydown", (event) => {
  if (event.code === "Escape" && (page.isPlaying || page.isJoining) && takesKeys()) {
    session.leave();
  }
});
settings.follow((value) => {
  showAppearance(document.documentElement, value);
  toolbar.showMuted(value.muted);
});
settings.follow(({ bindings }) => {
  keyboard.bind(bindings);
  hud.setKeys(bindings);
  menu.setKeys(bindings);
  watching.setKeys(bindings);
});
// `?renderer=webgl` is an aid for debugging.
void stage.open(byId("stage"), query.get("renderer") === "webgl").then(() => page.update());
const arrival = { session, menu, room, watching, resume };
begin(query, arrival);
page.update();
menu.focus();
enter(query, arrival);
requestAnimationFrame(frame);

/** No dialog is open that has the keys for itself. */
function takesKeys(): boolean {
  return !settingsDialog.isOpen && !notices.asks;
}

/** `shownMs` is the browser's time of the frame. */
function frame(shownMs: number): void {
  requestAnimationFrame(frame);
  const nowMs = performance.now();
  session.advance(nowMs);
  page.showNotice(nowMs);
  sounds.tick(nowMs);
  touch.show(page.isPlaying, settings.value.leftHanded);
  netPanel?.tick(nowMs, netFigures);
  page.draw(shownMs, nowMs);
  replaying.advance(nowMs);
}

/** The way to the server, which the network panel can make worse. */
function openLink(listener: LinkListener): Link {
  const link = new ConditionedLink(conditionsOf(query) ?? DIRECT, LINK_SEED, listener, (inner) =>
    new Connection(undefined, inner, transportsOf(query.get("transport")), parserOf(query.get("parser"))),
  );
  netPanel = new NetPanel(link, board);
  byId("ui").append(netPanel.root);
  return link;
}

/** Tells whoever must know whether anybody sees the page. */
function look(): void {
  page.look(document.visibilityState !== "hidden", performance.now());
}

/** Places to watch from are few, and a page that is closed needs none. The place of a player is held, for a page that is loaded anew. */
function giveBack({ persisted }: PageTransitionEvent): void {
  if (!persisted && session.watches) {
    // Nothing of the page follows: its address is still that of what was watched, for whoever comes back to it.
    started = false;
    session.leave();
  }
}

function resume(name: string, token: string): void {
  playedName = name;
  session.resume(name, token);
}

/** Whoever has no name that can be played under finds the reason in the menu. */
function joinWatched(matchId: number): void {
  if (!menu.hasName) {
    session.leave();
  }
  menu.chooseMatch(matchId);
}

/** After the end of a match: whoever only watched has a name in the menu at most. */
function playAgain(): void {
  if (session.watches) {
    session.leave();
    menu.press();
  } else {
    session.play(playedName);
  }
}

function toggleMute(): void {
  settings.change({ muted: !settings.value.muted });
}

function toggleNetwork(): void {
  netPanel?.toggle();
  toolbar.showNetwork(netPanel?.state.open ?? false);
}

function toggleSettings(): void {
  keyboard.letGo();
  settingsDialog.toggle();
}

/** A key of the page was pressed. */
function actOnKey(action: PageAction): void {
  if (notices.asks && (action === "panel" || action === "settings")) {
    return;
  }
  switch (action) {
    case "again":
      page.watchAgain();
      break;
    case "panel":
      toggleNetwork();
      break;
    case "settings":
      toggleSettings();
      break;
    case "mute":
      toggleMute();
      break;
  }
}

function netFigures(): NetFigures {
  const { match, roundTripMs, serverBeat } = session;
  return { roundTripMs, timing: match?.timing, counters: match?.counters, server: serverBeat };
}

/** For the probe. */
function pageState(): PageState {
  const { play } = page;
  return {
    renderer: stage.renderer,
    quality: stage.level,
    nameUnits: stage.scene?.ownNameUnits,
    aim: play?.aim ?? 0,
    projectiles: play?.projectiles ?? 0,
    hitsDealt: play?.hitsDealt ?? 0,
    hitsTaken: play?.hitsTaken ?? 0,
    shots: play?.shots,
    watch: watching.current,
    replay: replaying.shown,
    sound: sounds.state,
    panel: netPanel?.state,
    switches: { ...board },
    bare: bareCounts(play?.drawnBare),
  };
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  return found ?? document.body.appendChild(element("div", ""));
}
