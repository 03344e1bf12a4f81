/** The player's name: checked as the server does (`shared/src/name.rs`), remembered, or suggested. */

import { NAME_CHARS_MAX } from "../../tickroom/protocol/limits.ts";

const STORAGE_KEY = "tickroom.name";

const FIRST = ["Quick", "Silent", "Lucky", "Brave", "Cosmic", "Neon", "Turbo", "Clever", "Wild", "Polar", "Amber", "Swift"];
const SECOND = ["Otter", "Comet", "Fox", "Falcon", "Pixel", "Badger", "Lynx", "Marten", "Raven", "Quark", "Heron", "Panda"];

/**
 * Control characters, what changes the direction or breaks the line, and what is drawn as nothing and makes two names look the same.
 * Of these only U+FE0F may stand in a name, once behind what is no letter, as it follows many an emoji.
 */
const UNPRINTABLE =
  /[\p{Cc}\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0E\uFEFF\uFFA0\uFFF0-\uFFFB\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]/u;

/** Behind a letter, a space or another of its kind it changes nothing. */
const HIDDEN_STYLE = /[\p{Alphabetic}\s\uFE0F]\uFE0F/u;

/** Nothing that can be seen. */
const BLANK = /^[\s\uFE0F]*$/u;

/** What is wrong with a name, as a sentence for the player; undefined when it is good. */
export function nameProblem(name: string): string | undefined {
  const trimmed = name.trim();
  if (BLANK.test(trimmed)) {
    return "Please enter a name.";
  }
  if ([...trimmed].length > NAME_CHARS_MAX) {
    return `A name has at most ${NAME_CHARS_MAX} characters.`;
  }
  return UNPRINTABLE.test(trimmed) || HIDDEN_STYLE.test(trimmed) ? "This name has characters that cannot be shown." : undefined;
}

/** A name nobody had to think of; `random` gives numbers in 0..1. */
export function suggestName(random: () => number): string {
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? "";
  return `${pick(FIRST)} ${pick(SECOND)}`;
}

/** The name used last in this browser. */
export function rememberedName(): string | undefined {
  try {
    const name = localStorage.getItem(STORAGE_KEY);
    return name !== null && nameProblem(name) === undefined ? name : undefined;
  } catch {
    // The browser is set to keep nothing.
    return undefined;
  }
}

export function rememberName(name: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, name);
  } catch {
    // The browser is set to keep nothing: then the next visit gets a suggestion.
  }
}
