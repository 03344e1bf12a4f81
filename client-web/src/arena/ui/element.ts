/** Building the page in plain DOM. Text is always set as text, never as markup. */

/** An element with a class and its content. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") {
    made.className = className;
  }
  made.append(...content);
  return made;
}

/** Sets a text if it is another one: writing the same text anew would make screen readers repeat it. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}
