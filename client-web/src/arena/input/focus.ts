/** What has the keyboard's focus: it decides which keys keep their own meaning. */

/**
 * A text that is written or a list takes all keys, a slider and its like those that move them, a button is pressed by Space and
 * Enter, from any other control, such as a link or what a panel folds, Tab leads on, and into a panel that is open.
 */
export type Focus = "page" | "panel" | "button" | "control" | "field" | "text";

/** What has the focus where a key was pressed. */
export function focusOf(target: EventTarget | null): Focus {
  if (target instanceof HTMLInputElement) {
    const isWritten = !target.readOnly && !["range", "checkbox", "radio", "button"].includes(target.type);
    return isWritten ? "text" : "field";
  }
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) {
    return "text";
  }
  if (!(target instanceof Element) || target.closest("aside, button, summary, a") === null) {
    return "page";
  }
  if (target.matches("aside")) {
    return "panel";
  }
  return target.closest("aside") === null && target.closest("button") !== null ? "button" : "control";
}
