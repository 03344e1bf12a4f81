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

/** A button that does something when it is pressed. */
export function pressButton(className: string, press: () => void, ...content: (Node | string)[]): HTMLButtonElement {
  const button = element("button", className, ...content);
  button.type = "button";
  button.addEventListener("click", press);
  givesKeysBack(button);
  return button;
}

/** After a click of the mouse on it the keys steer the player again. */
export function givesKeysBack(control: HTMLElement): void {
  control.addEventListener("click", (event) => {
    if (event.detail > 0) {
      control.blur();
    }
  });
}
