/** Puts the page together: session, keyboard, picture, menu, HUD and notices, and the loop that drives them. */

import "./ui/page.css";
import "./ui/menu.css";
import "./ui/hud.css";
import "./ui/notice.css";

import { Session } from "../tickroom/session.ts";
import { exposeProbe, type ArenaSession } from "./debug/probe.ts";
import { arena } from "./game.ts";
import { Keyboard } from "./input/keyboard.ts";
import { NEUTRAL, type Input } from "./protocol/input.ts";
import { openCanvas } from "./render/canvas.ts";
import { Scene } from "./render/scene.ts";
import { element } from "./ui/element.ts";
import { Hud } from "./ui/hud.ts";
import { Menu } from "./ui/menu.ts";
import { noticeOf, refusalText, type NoticeAction } from "./ui/notice.ts";
import { NoticeView } from "./ui/notice_view.ts";
import { reloadOnceFor } from "./ui/reload.ts";

const keyboard = new Keyboard(window);
const menu = new Menu(play);
const hud = new Hud();
const notices = new NoticeView(act);
const stage = byId("stage");
byId("ui").append(hud.root, menu.root, notices.root);

let scene: Scene | undefined;
let rendererName = "none";
let canDraw = true;
let shownMatch: ArenaSession["match"];
let playedName = "";

const session: ArenaSession = new Session(arena, intent, {
  onChange: update,
  onEvent: ({ event }) => scene?.show(event, performance.now()),
});

exposeProbe(session, () => rendererName);
window.addEventListener("online", () => session.retry());
void open();
update();
menu.focus();
requestAnimationFrame(frame);

/** The game runs also where it cannot be drawn: the notice says so. `?renderer=webgl` is an aid for debugging. */
async function open(): Promise<void> {
  const anyWebGl = new URLSearchParams(location.search).get("renderer") === "webgl";
  const renderer = await openCanvas(stage, anyWebGl);
  canDraw = renderer !== undefined;
  rendererName = renderer?.name ?? "none";
  scene = renderer === undefined ? undefined : new Scene(renderer);
  update();
}

function frame(): void {
  requestAnimationFrame(frame);
  const nowMs = performance.now();
  session.advance(nowMs);
  notices.tick(nowMs);
  const { match } = session;
  if (match === undefined) {
    return;
  }
  const view = match.view(nowMs);
  if (scene !== undefined) {
    scene.draw(view, session.roster, nowMs);
  }
  hud.update(
    { pingMs: session.roundTripMs, tick: view.tick, players: session.roster.size, mapName: match.setup.name },
    nowMs,
  );
}

/** Nobody steers a page that cannot be seen. */
function intent(): Input {
  return document.visibilityState === "hidden" ? NEUTRAL : keyboard.intent();
}

/** Brings menu, HUD and notices in line with the session. */
function update(): void {
  const { state } = session;
  if (state.kind === "refused" && state.refusal.kind === "protocol mismatch" && reloadOnceFor(state.refusal.server)) {
    return;
  }
  showMatch();
  const inMatch = session.match !== undefined && state.kind !== "idle" && state.kind !== "refused";
  menu.show(!inMatch);
  menu.setBusy(state.kind === "joining");
  if (state.kind === "refused") {
    menu.setProblem(refusalText(state));
  }
  hud.show(inMatch);
  const situation = {
    connection: session.connectionState,
    session: state,
    serverClosing: session.serverClosing,
    canDraw,
  };
  notices.show(noticeOf(situation), performance.now());
}

/** Before the first snapshot of a match, so that what happens in it finds its place. */
function showMatch(): void {
  const { match } = session;
  if (scene !== undefined && match !== undefined && match !== shownMatch) {
    scene.open(match.setup, match.joined.entity);
    shownMatch = match;
  }
}

function play(name: string): void {
  playedName = name;
  session.play(name);
}

function act(action: NoticeAction): void {
  switch (action) {
    case "retry":
      session.retry();
      break;
    case "play":
      session.play(playedName);
      break;
    case "reload":
      location.reload();
      break;
  }
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  return found ?? document.body.appendChild(element("div", ""));
}
