import { describe, expect, test } from "vitest";

import { noticeOf, refusalText, type Situation } from "../src/arena/ui/notice.ts";
import type { Refusal } from "../src/tickroom/protocol/message.ts";

const PLAYING: Situation = {
  connection: { kind: "online" },
  session: { kind: "playing" },
  serverClosing: false,
  canDraw: true,
};
const LOST: Situation = {
  ...PLAYING,
  connection: { kind: "reconnecting", attempt: 1, retryAtMs: 700 },
  session: { kind: "joining" },
};

describe("notices", () => {
  test("are absent while all is well", () => {
    expect(noticeOf(PLAYING)).toBeUndefined();
    expect(noticeOf({ ...PLAYING, session: { kind: "idle" }, connection: { kind: "connecting" } })).toBeUndefined();
  });

  test("say what happens next while reconnecting", () => {
    expect(noticeOf(LOST)).toMatchObject({ form: "banner", title: "Connection lost", untilMs: 700 });
    expect(noticeOf(LOST)?.text).toContain("place is held");
    expect(noticeOf({ ...LOST, session: { kind: "idle" } })?.text).not.toContain("place");
  });

  test("tell a server that closes from a connection that is lost", () => {
    expect(noticeOf({ ...PLAYING, serverClosing: true })?.title).toBe("The server is shutting down");
    expect(noticeOf({ ...LOST, serverClosing: true })?.title).toBe("The server has shut down");
  });

  test("offer a button where the player must decide", () => {
    expect(noticeOf({ ...LOST, connection: { kind: "gone" } })).toMatchObject({
      form: "dialog",
      action: { label: "Try again", does: "retry" },
    });
    const crashed = { ...PLAYING, session: { kind: "ended", reason: "crashed" } } as const;
    expect(noticeOf(crashed)).toMatchObject({ form: "dialog", action: { label: "Try again", does: "play" } });
    const old = { ...PLAYING, session: { kind: "refused", refusal: { kind: "protocol mismatch", server: 9 } } } as const;
    expect(noticeOf(old)).toMatchObject({ form: "dialog", action: { does: "reload" } });
  });

  test("tell that the place is used in another tab", () => {
    const situation = { ...PLAYING, connection: { kind: "resting" }, session: { kind: "seat taken" } } as const;
    expect(noticeOf(situation)).toMatchObject({ form: "dialog", action: { label: "Play here", does: "play here" } });
    expect(noticeOf(situation)?.title).toContain("another tab");
  });

  test("say that nothing can be drawn, unless there is worse", () => {
    expect(noticeOf({ ...PLAYING, canDraw: false })?.title).toContain("cannot be drawn");
    expect(noticeOf({ ...LOST, canDraw: false })?.title).toBe("Connection lost");
  });
});

test("every refusal that is shown in the menu has a sentence", () => {
  const kinds = ["name invalid", "match full", "match unknown", "server full", "busy", "server closing", "code unknown", "private full"] as const;
  for (const kind of kinds) {
    const refusal: Refusal = { kind };
    expect(refusalText({ kind: "refused", refusal })).toMatch(/\.$/);
  }
  expect(refusalText({ kind: "playing" })).toBe("");
});
