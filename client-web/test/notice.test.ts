import { describe, expect, test } from "vitest";

import { countdownOf } from "../src/arena/ui/notice_view.ts";
import { noticeOf, refusalText, type Situation } from "../src/arena/ui/notice.ts";
import type { Refusal } from "../src/tickroom/protocol/message.ts";
import { LOST, PLAYING } from "./situations.ts";

describe("notices", () => {
  test("are absent while all is well", () => {
    expect(noticeOf(PLAYING)).toBeUndefined();
    expect(noticeOf({ ...PLAYING, session: { kind: "idle" }, connection: { kind: "connecting" } })).toBeUndefined();
  });

  test("say what happens next while reconnecting", () => {
    expect(noticeOf(LOST)).toMatchObject({ form: "banner", title: "Connection lost", untilMs: 700 });
    expect(noticeOf(LOST)?.heldUntilMs).toBe(30_200);
    const first = noticeOf({ ...LOST, holdsSeat: false });
    expect([first?.title, first?.heldUntilMs]).toEqual(["No connection to the server", undefined]);
  });

  test("promise a place only to whoever plays", () => {
    for (const purpose of ["watch", "replay"] as const) {
      const lost = noticeOf({ ...LOST, purpose });
      expect([lost?.title, lost?.heldUntilMs]).toEqual(["Connection lost", undefined]);
      expect(noticeOf({ ...LOST, purpose, closesAtMs: 900 })?.text).toBe("Reconnecting…");
      const closing = noticeOf({ ...PLAYING, purpose, session: { kind: "watching" }, closesAtMs: 900 });
      expect(closing?.title).toBe("The server is shutting down");
      expect(closing?.text).not.toContain("put into a match");
    }
  });

  test("tell a server that closes from a connection that is lost", () => {
    expect(noticeOf({ ...PLAYING, closesAtMs: 900 })).toMatchObject({ title: "The server is shutting down", closesAtMs: 900 });
    const gone = noticeOf({ ...LOST, closesAtMs: 900 });
    expect([gone?.title, gone?.heldUntilMs]).toEqual(["The server has shut down", undefined]);
  });

  test("offer a button where the player must decide", () => {
    expect(noticeOf({ ...LOST, connection: { kind: "gone" } })).toMatchObject({
      form: "dialog",
      action: { label: "Try again", does: "retry" },
    });
    const crashed = { ...PLAYING, session: { kind: "ended", reason: "crashed" } } as const;
    expect(noticeOf(crashed)).toMatchObject({ form: "dialog", action: { label: "Play again", does: "play" } });
    expect(noticeOf(crashed)?.other).toBeUndefined();
    expect(noticeOf({ ...crashed, canWatchAgain: true })?.other).toEqual({ label: "Watch how it ended", does: "watch again" });
    const old = { ...PLAYING, session: { kind: "refused", refusal: { kind: "protocol mismatch", server: 9 } } } as const;
    expect(noticeOf(old)).toMatchObject({ form: "dialog", action: { does: "reload" } });
  });

  test("tell that a recording is being opened when that takes long, unless there is worse", () => {
    const opening = { ...PLAYING, session: { kind: "joining" }, purpose: "replay" } as const;
    expect(noticeOf({ ...opening, opensMs: 900 })).toBeUndefined();
    expect(noticeOf({ ...opening, opensMs: 1000 })).toMatchObject({ form: "banner", title: "Opening the recording…" });
    expect(noticeOf({ ...LOST, purpose: "replay", opensMs: 9000 })?.title).toBe("Connection lost");
  });

  test("tell the end of a recording from that of a match", () => {
    const titles = (purpose: Situation["purpose"]) =>
      (["closed", "crashed", "diverged"] as const).map((reason) => {
        const notice = noticeOf({ ...PLAYING, purpose, session: { kind: "ended", reason } });
        expect(notice).toMatchObject({ form: "dialog", action: { does: "play" } });
        return notice?.title;
      });
    expect(titles("play")).toEqual(["The match has ended", "The match has crashed", "The recording cannot go on"]);
    expect(titles("replay")).toEqual(["The recording was closed", "The recording cannot go on", "The recording cannot go on"]);
  });

  test("tell that the place is used in another tab", () => {
    const situation = { ...PLAYING, connection: { kind: "resting" }, session: { kind: "seat taken" } } as const;
    expect(noticeOf(situation)).toMatchObject({ form: "dialog", action: { label: "Play here", does: "play here" } });
    expect(noticeOf(situation)?.title).toContain("another tab");
  });

  test("say when nothing that comes makes sense, and how long the player was away", () => {
    expect(noticeOf({ ...PLAYING, garbled: true })).toMatchObject({ form: "banner", action: { does: "reload" } });
    expect(noticeOf({ ...PLAYING, awayMs: 41_600 })?.text).toContain("away for 42 s");
    expect(noticeOf({ ...PLAYING, awayMs: 600_000 })?.text).toContain("away for 10 min");
    expect(noticeOf({ ...LOST, awayMs: 41_600 })?.title).toBe("Connection lost");
  });

  test("count down in words", () => {
    const lost = noticeOf(LOST);
    const words = (nowMs: number) => countdownOf(lost ?? { form: "banner", title: "", text: "" }, nowMs);
    expect(words(200)).toBe("Your place is held for 30 s. Next try in 1 s");
    expect(words(3100)).toBe("Your place is held for 28 s. Trying…");
    expect(words(30_200)).toBe("Your place was given up; you get another. Trying…");
    const closing = noticeOf({ ...PLAYING, closesAtMs: 5000 });
    expect(countdownOf(closing ?? { form: "banner", title: "", text: "" }, 900)).toBe("Closing in 5 s.");
    expect(countdownOf({ form: "banner", title: "", text: "" }, 0)).toBe("");
  });

  test("say that nothing can be drawn, unless there is worse", () => {
    expect(noticeOf({ ...PLAYING, canDraw: false })?.title).toContain("cannot be drawn");
    expect(noticeOf({ ...LOST, canDraw: false })?.title).toBe("Connection lost");
  });
});

test("every refusal that is shown in the menu has a sentence", () => {
  const kinds = ["name invalid", "match full", "match unknown", "server full", "busy", "server closing", "code unknown", "private full", "mode unknown", "map unknown", "viewers full", "replays off", "replay unknown", "replays full", "replay outdated", "replay unreadable"] as const;
  for (const kind of kinds) {
    const refusal: Refusal = { kind };
    expect(refusalText({ kind: "refused", refusal })).toMatch(/\.$/);
  }
  expect(refusalText({ kind: "playing" })).toBe("");
});
