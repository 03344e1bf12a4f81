import { expect, test } from "vitest";

import { addressOf, invitationIn, linkTo, playsByItself } from "../src/arena/entry.ts";
import { checkedMatchCode, matchCodeIn } from "../src/tickroom/protocol/match_code.ts";
import { DecodeError } from "../src/tickroom/protocol/record.ts";

const CODE = "BCDFGHJKMN";

test("a code is found in what people type and paste", () => {
  for (const text of [CODE, "bcdfghjkmn", " BCDFG-HJKMN\n", "bcdfg hjkmn"]) {
    expect(matchCodeIn(text), text).toBe(CODE);
  }
  for (const text of ["", "BCDFGHJKM", "BCDFGHJKMNP", "BCDFGHJKMO", "<b>BCDFGHJKMN</b>", "日本語の名前日本語の"]) {
    expect(matchCodeIn(text), text).toBeUndefined();
  }
});

test("a code of the wire is taken as it is or not at all", () => {
  expect(checkedMatchCode(CODE)).toBe(CODE);
  for (const text of ["bcdfghjkmn", "BCDFGHJKM", ""]) {
    expect(() => checkedMatchCode(text), text).toThrow(DecodeError);
  }
});

test("the address says whether somebody is invited", () => {
  const check = (search: string): unknown => invitationIn(new URLSearchParams(search));
  expect(check("")).toEqual({ kind: "none" });
  expect(check("?room=bcdfg-hjkmn")).toEqual({ kind: "code", code: CODE });
  for (const search of ["?room=", "?room=BCD", "?room=%3Cscript%3E", `?room=${"B".repeat(5000)}`]) {
    expect(check(search), search).toEqual({ kind: "broken" });
  }
});

test("only bot=1 plays by itself", () => {
  expect(["?bot=1", "?bot=0", "?bot=", ""].map((search) => playsByItself(new URLSearchParams(search)))).toEqual([true, false, false, false]);
});

test("a link has the room and nothing else of this tab", () => {
  expect(linkTo("http://a.example:3000/game/?bot=1&latency=9#x", CODE)).toBe(`http://a.example:3000/game/?room=${CODE}`);
  expect(addressOf("http://a.example/?bot=1", CODE)).toBe(`http://a.example/?bot=1&room=${CODE}`);
  expect(addressOf(`http://a.example/?bot=1&room=${CODE}`, undefined)).toBe("http://a.example/?bot=1");
});
