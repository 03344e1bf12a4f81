import { beforeEach, expect, test } from "vitest";

import { Seat } from "../src/tickroom/net/seat.ts";

let log: string[] = [];
let leaveAnswered: (() => void)[] = [];
let seat: Seat;

function takeLog(): string[] {
  return log.splice(0);
}

beforeEach(() => {
  log = [];
  leaveAnswered = [];
  seat = new Seat({
    connect: (token) => log.push(`connect ${token}`),
    disconnect: () => log.push("disconnect"),
    leave: (answered) => {
      log.push("leave");
      leaveAnswered.push(answered);
    },
  });
});

/** Sits on the seat of token a. */
function sitting(): void {
  seat.sit("a");
  seat.answered();
  expect(takeLog()).toEqual(["connect a"]);
  expect(seat.isWanted).toBe(true);
}

test("a seat is left with LEAVE, and with DISCONNECT after its answer", () => {
  sitting();
  seat.leave();
  seat.leave();
  expect(takeLog()).toEqual(["leave"]);
  leaveAnswered[0]?.();
  expect(takeLog()).toEqual(["disconnect"]);
  expect(seat.isWanted).toBe(false);
});

test("who leaves on the way to the seat gives it back once the server has answered", () => {
  seat.sit("a");
  seat.leave();
  expect(takeLog()).toEqual(["connect a"]);
  expect(seat.isWanted).toBe(false);
  seat.answered();
  expect(takeLog()).toEqual(["leave"]);
  leaveAnswered[0]?.();
  expect(takeLog()).toEqual(["disconnect"]);
});

test("who leaves on the way to a seat that is refused has nothing to do, and hears nothing of it", () => {
  seat.sit("a");
  seat.leave();
  expect(seat.ended()).toBe(false);
  seat.answered();
  expect(takeLog()).toEqual(["connect a"]);
});

test("asking again for the seat that is asked for changes nothing", () => {
  seat.sit("a");
  seat.sit("a");
  seat.leave();
  seat.sit("a");
  seat.answered();
  expect(takeLog()).toEqual(["connect a"]);
  expect(seat.isWanted).toBe(true);
});

test("asking again for the seat that never said welcome begins anew", () => {
  sitting();
  seat.sit("a");
  expect(takeLog()).toEqual(["disconnect", "connect a"]);
});

test("another seat is asked for after the answer to the first", () => {
  seat.sit("a");
  seat.sit("b");
  seat.sit("c");
  expect(takeLog()).toEqual(["connect a"]);
  expect(seat.isWanted).toBe(false);
  seat.answered();
  expect(takeLog()).toEqual(["leave"]);
  leaveAnswered[0]?.();
  expect(takeLog()).toEqual(["disconnect", "connect c"]);
  expect(seat.isWanted).toBe(true);
});

test("another seat is asked for at once when the first is refused", () => {
  seat.sit("a");
  seat.leave();
  seat.sit("b");
  expect(seat.ended()).toBe(false);
  expect(takeLog()).toEqual(["connect a", "connect b"]);
  expect(seat.ended()).toBe(true);
});

test("a seat that is taken away while it is left goes to the next, and the late answer does nothing", () => {
  sitting();
  seat.leave();
  seat.sit("b");
  expect(seat.ended()).toBe(false);
  leaveAnswered[0]?.();
  expect(takeLog()).toEqual(["leave", "connect b"]);
  expect(seat.isWanted).toBe(true);
});

test("who leaves while waiting for another seat gets none", () => {
  sitting();
  seat.sit("b");
  seat.leave();
  leaveAnswered[0]?.();
  expect(takeLog()).toEqual(["leave", "disconnect"]);
});

test("a lost stream takes every wish with it", () => {
  seat.sit("a");
  seat.sit("b");
  seat.reset();
  seat.answered();
  expect(seat.ended()).toBe(false);
  expect(takeLog()).toEqual(["connect a"]);
  seat.sit("b");
  seat.answered();
  seat.leave();
  seat.reset();
  leaveAnswered[0]?.();
  expect(takeLog()).toEqual(["connect b", "leave"]);
});
