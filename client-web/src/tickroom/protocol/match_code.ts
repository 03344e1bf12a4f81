/**
 * The code of a private match. Mirror of `shared/src/match_code.rs`: ten letters of twenty, none of which looks like another
 * or like a digit.
 */

import { DecodeError } from "./record.ts";

export const MATCH_CODE_LETTERS = 10;

const CODE = /^[BCDFGHJKMNPQRSTVWXYZ]{10}$/;

/** The code in what somebody typed, pasted or followed as a link: small letters, spaces and hyphens count for nothing. */
export function matchCodeIn(text: string): string | undefined {
  const code = text.replace(/[\s-]/g, "").toUpperCase();
  return CODE.test(code) ? code : undefined;
}

/** A code of the wire as it is; throws `DecodeError`. */
export function checkedMatchCode(text: string): string {
  if (!CODE.test(text)) {
    throw new DecodeError("unknown", "match code");
  }
  return text;
}
