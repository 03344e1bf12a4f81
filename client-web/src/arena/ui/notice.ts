/** What the player must know about the connection, in words. Pure: states in, a notice out. */

import { SEAT_HELD_S, type MatchEnd } from "../../tickroom/protocol/message.ts";
import type { LinkState } from "../../tickroom/net/link.ts";
import type { SessionState } from "../../tickroom/session_state.ts";

/** What a button of a notice does. */
export type NoticeAction = "retry" | "play" | "play here" | "reload" | "watch again" | "menu";

export interface Notice {
  /** A banner lets the picture be seen, a dialog asks for a decision. */
  readonly form: "banner" | "dialog";
  readonly title: string;
  readonly text: string;
  /** What is counted down to, in `performance.now()` milliseconds: the next try, the end of the held seat, that of the server. */
  readonly untilMs?: number;
  readonly heldUntilMs?: number;
  readonly closesAtMs?: number;
  readonly action?: NoticeButton;
  /** The way beside it. */
  readonly other?: NoticeButton;
  /** A button and Esc lead back to the menu. */
  readonly menu?: true;
}

export interface NoticeButton {
  readonly label: string;
  readonly does: NoticeAction;
}

/** What a notice depends on. */
export interface Situation {
  readonly connection: LinkState;
  readonly session: SessionState;
  /** What the session is about: to play, to see a match, or to see a recording. */
  readonly purpose: "play" | "watch" | "replay";
  /** The server has given it a place, which it holds for a while. */
  readonly holdsSeat: boolean;
  /** How long it is being opened, milliseconds; undefined while it is not. */
  readonly opensMs: number | undefined;
  /** When the server ends, as it has said. */
  readonly closesAtMs: number | undefined;
  /** Nothing that comes makes sense. */
  readonly garbled: boolean;
  /** How long nobody saw the page, milliseconds; undefined when that is told already. */
  readonly awayMs: number | undefined;
  readonly canDraw: boolean;
  /** The match that has ended was recorded. */
  readonly canWatchAgain: boolean;
}

/** The one most important notice, or none. */
export function noticeOf(situation: Situation): Notice | undefined {
  return (
    sessionNotice(situation) ??
    connectionNotice(situation) ??
    openingNotice(situation.opensMs) ??
    (situation.garbled ? GARBLED : undefined) ??
    (situation.canDraw ? undefined : CANNOT_DRAW) ??
    awayNotice(situation.awayMs)
  );
}

const CANNOT_DRAW: Notice = {
  form: "banner",
  title: "The game cannot be drawn",
  text: "This browser offers neither WebGL nor a canvas. You are in the match, but there is no picture.",
};

const GARBLED: Notice = {
  form: "banner",
  title: "The server cannot be understood",
  text: "What it sends makes no sense to this page. It is asked again and again; loading the page anew may help.",
  action: { label: "Load the page anew", does: "reload" },
};

/** Most recordings are there before it could be read. */
const OPENS_SOON_MS = 1000;

/** The server plays a recording up to the moment that is asked for, which takes long when it is far. */
function openingNotice(opensMs: number | undefined): Notice | undefined {
  return opensMs === undefined || opensMs < OPENS_SOON_MS
    ? undefined
    : { form: "banner", title: "Opening the recording…", text: "It is played up to the moment that you asked for." };
}

/** What whoever comes back to the tab has missed. */
function awayNotice(awayMs: number | undefined): Notice | undefined {
  return awayMs === undefined
    ? undefined
    : {
        form: "banner",
        title: "Welcome back",
        text: `You were away for ${durationOf(awayMs)}. Your player stood still meanwhile.`,
      };
}

function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

const OUT_OF_DATE: Notice = {
  form: "dialog",
  title: "This page is out of date",
  text: "The server has another version of the game, and loading the page anew has not brought it yet. Please try again in a minute.",
  action: { label: "Load the page anew", does: "reload" },
};

function connectionNotice(situation: Situation): Notice | undefined {
  const { connection, closesAtMs, session, holdsSeat } = situation;
  const plays = situation.purpose === "play" && (session.kind === "joining" || session.kind === "playing");
  switch (connection.kind) {
    case "gone":
      return {
        form: "dialog",
        title: "The server is gone",
        text: "It has not answered for a minute. It may be down, or your network may be.",
        action: { label: "Try again", does: "retry" },
      };
    case "reconnecting":
      return {
        form: "banner",
        title: closesAtMs !== undefined ? "The server has shut down" : holdsSeat ? "Connection lost" : "No connection to the server",
        text: closesAtMs !== undefined && plays ? "Reconnecting… You are put into a match as soon as it is back." : "Reconnecting…",
        untilMs: connection.retryAtMs,
        // What was held at a server that has ended is gone with it.
        ...(plays && holdsSeat && closesAtMs === undefined ? { heldUntilMs: connection.lostMs + SEAT_HELD_S * 1000 } : {}),
        action: { label: "Try now", does: "retry" },
      };
    case "outdated":
      return OUT_OF_DATE;
    case "online":
      return closesAtMs === undefined
        ? undefined
        : {
            form: "banner",
            title: "The server is shutting down",
            text: plays ? "You are put into a match as soon as there is a server again." : "This page goes on by itself as soon as there is a server again.",
            closesAtMs,
          };
    case "connecting":
    case "resting":
      return undefined;
  }
}

const PLAY = { action: { label: "Play", does: "play" }, menu: true } as const;
const PLAY_AGAIN = { action: { label: "Play again", does: "play" }, menu: true } as const;
const WATCH_AGAIN = { label: "Watch how it ended", does: "watch again" } as const;

/** A recording that comes to its end stays there to be looked at, so the server closes one only when nobody steers it. */
const RECORDING_ENDS: Readonly<Record<MatchEnd, Notice>> = {
  diverged: {
    form: "dialog",
    title: "The recording cannot go on",
    text: "It was made by other rules: played again it becomes another match from here on.",
    ...PLAY,
  },
  closed: { form: "dialog", title: "The recording was closed", text: "It stood still for too long.", ...PLAY },
  crashed: { form: "dialog", title: "The recording cannot go on", text: "Something went wrong while it was played again.", ...PLAY },
};

const MATCH_ENDS: Readonly<Record<Exclude<MatchEnd, "diverged">, Notice>> = {
  closed: { form: "dialog", title: "The match has ended", text: "The server has closed this match.", ...PLAY_AGAIN },
  crashed: {
    form: "dialog",
    title: "The match has crashed",
    text: "Something went wrong in this match. Others are not affected, and you can play on in a new one.",
    ...PLAY_AGAIN,
  },
};

function sessionNotice({ session, purpose, canWatchAgain }: Situation): Notice | undefined {
  if (session.kind === "seat taken") {
    return {
      form: "dialog",
      title: "You are playing in another tab",
      text: "The newest tab has your place. This one stays quiet until you want to play here.",
      action: { label: "Play here", does: "play here" },
      menu: true,
    };
  }
  if (session.kind === "ended") {
    if (purpose === "replay" || session.reason === "diverged") {
      return RECORDING_ENDS[session.reason];
    }
    return { ...MATCH_ENDS[session.reason], ...(canWatchAgain ? { other: WATCH_AGAIN } : {}) };
  }
  if (session.kind === "refused" && session.refusal.kind === "protocol mismatch") {
    return OUT_OF_DATE;
  }
  return undefined;
}

/** For the menu, when the address has a room that is none. */
export const BROKEN_LINK = "This link is not complete: the code in it has not its ten letters. Ask for it again, or press Play.";

/** The same for a recording. */
export const BROKEN_REPLAY = "This link is not complete: it names no recording. Ask for it again, or choose one below.";

/** Why a place is not there yet, as a sentence for the menu; empty when it does not take long, or nobody waits. */
export function waitText(session: SessionState): string {
  if (session.kind !== "joining" || session.server === undefined) {
    return "";
  }
  return session.server === "busy" ? "The server is busy; trying again…" : "The server does not answer; trying again…";
}

/** Why a place was refused, as a sentence for the menu; empty when nothing was refused. */
export function refusalText(session: SessionState): string {
  if (session.kind !== "refused") {
    return "";
  }
  switch (session.refusal.kind) {
    case "name invalid":
      return "The server does not take this name. Please choose another.";
    case "server full":
      return "All places are taken. Please try again in a moment.";
    case "match full":
      return "This match has no room left. Please choose another, or press Play.";
    case "match unknown":
      return "This match is over. Please choose another, or press Play.";
    case "code unknown":
      return "This private match is over, or its code is not right. Ask for a new link, or press Play for an open match.";
    case "private full":
      return "The server has no room for another private match. Please try again later, or press Play for an open one.";
    case "mode unknown":
      return "The server does not play this mode any more. Please choose another.";
    case "map unknown":
      return "The server does not have this map any more. Please choose another.";
    case "viewers full":
      return "As many watch this match as may. Please choose another, or press Play.";
    case "replays off":
      return "This server shows no recordings.";
    case "replay unknown":
      return "This recording is not there, or not any more: the oldest go to make room. Please choose another.";
    case "replays full":
      return "As many recordings are being watched as the server allows. Please try again later.";
    case "replay outdated":
      return "This recording was made by another version of the rules and cannot be played again here.";
    case "replay unreadable":
      return "This recording is damaged and cannot be shown.";
    case "busy":
    case "server closing":
      return "The server cannot let you in right now. Please try again in a moment.";
    case "protocol mismatch":
      return "";
  }
}
