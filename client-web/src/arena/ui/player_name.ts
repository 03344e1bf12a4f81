/** The player's name: checked as the server does (`shared/src/name.rs`), remembered, or suggested. */

import { NAME_CHARS_MAX } from "../../tickroom/protocol/limits.ts";

const STORAGE_KEY = "tickroom.name";

const FIRST = ["Quick", "Silent", "Lucky", "Brave", "Cosmic", "Neon", "Turbo", "Clever", "Wild", "Polar", "Amber", "Swift"];
const SECOND = ["Otter", "Comet", "Fox", "Falcon", "Pixel", "Badger", "Lynx", "Marten", "Raven", "Quark", "Heron", "Panda"];

/** Control characters, zero-width characters and direction overrides. */
const UNPRINTABLE = /[\p{Cc}\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/u;

/** What is wrong with a name, as a sentence for the player; undefined when it is good. */
export function nameProblem(name: string): string | undefined {
  const trimmed = name.trim();
  if (trimmed === "") {
    return "Please enter a name.";
  }
  if ([...trimmed].length > NAME_CHARS_MAX) {
    return `A name has at most ${NAME_CHARS_MAX} characters.`;
  }
  return UNPRINTABLE.test(trimmed) ? "This name has characters that cannot be shown." : undefined;
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
