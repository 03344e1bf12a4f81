/** As much of a document as views are built of and written to: what a test asks of them is what stands there and what has the focus. */

import { vi } from "vitest";

type Listener = (event: unknown) => void;

/** An element of any kind. What is hidden or not enabled cannot have the focus, and has it no longer when it becomes so. */
export class FakeElement {
  className = "";
  value = "";
  type = "";
  open = false;
  isConnected = true;
  readonly dataset: Record<string, string> = {};
  readonly style: Record<string, unknown> = { setProperty: () => undefined };
  readonly attributes = new Map<string, string>();
  readonly classList = { add: (name: string) => (this.className += ` ${name}`) };
  content: (FakeElement | string)[] = [];
  private readonly listeners = new Map<string, Listener[]>();
  private isHidden = false;
  private isDisabled = false;

  constructor(
    readonly tagName: string,
    private readonly page: FakeDocument,
  ) {}

  get hidden(): boolean {
    return this.isHidden;
  }

  set hidden(hidden: boolean) {
    this.isHidden = hidden;
    this.page.loseFocus(hidden ? this : undefined);
  }

  get disabled(): boolean {
    return this.isDisabled;
  }

  set disabled(disabled: boolean) {
    this.isDisabled = disabled;
    this.page.loseFocus(disabled ? this : undefined);
  }

  append(...content: (FakeElement | string)[]): void {
    this.content.push(...content);
  }

  replaceChildren(...content: (FakeElement | string)[]): void {
    this.content = content;
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  addEventListener(name: string, listener: Listener): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  /** What happens to it, with these fields of the event; true when its default was prevented. */
  fire(name: string, fields: object = {}): boolean {
    const event = { target: this, defaultPrevented: false, preventDefault: () => (event.defaultPrevented = true), ...fields };
    for (const listener of this.listeners.get(name) ?? []) {
      listener(event);
    }
    return event.defaultPrevented;
  }

  focus(): void {
    if (!this.hidden && !this.disabled) {
      this.page.activeElement = this;
    }
  }

  blur(): void {
    this.page.loseFocus(this);
  }

  select(): void {}

  closest(): null {
    return null;
  }

  querySelector(): null {
    return null;
  }

  /** Those of this tag below it. */
  querySelectorAll(tagName: string): FakeElement[] {
    return this.all.filter((below) => below.tagName === tagName);
  }

  showModal(): void {
    this.open = true;
    this.all.find((below) => below.tagName === "button" && !below.hidden)?.focus();
  }

  close(): void {
    this.open = false;
    this.fire("close");
  }

  get textContent(): string {
    return this.content.map((part) => (typeof part === "string" ? part : part.textContent)).join("");
  }

  set textContent(text: string) {
    this.content = [text];
  }

  /** Everything below it. */
  get all(): FakeElement[] {
    return this.content.flatMap((part) => (typeof part === "string" ? [] : [part, ...part.all]));
  }

  /** The first below it that has this class, or says this. */
  find(wanted: string): FakeElement {
    const found = this.all.find((below) => below.className.split(" ").includes(wanted) || below.textContent === wanted);
    if (found === undefined) {
      throw new Error(`there is no ${wanted}`);
    }
    return found;
  }
}

export class FakeDocument {
  readonly body = new FakeElement("body", this);
  activeElement = this.body;

  createElement(tagName: string): FakeElement {
    return new FakeElement(tagName, this);
  }

  loseFocus(element: FakeElement | undefined): void {
    if (this.activeElement === element) {
      this.activeElement = this.body;
    }
  }
}

/** Stands in for the document until `vi.unstubAllGlobals`. */
export function stubDocument(): FakeDocument {
  const page = new FakeDocument();
  vi.stubGlobal("document", page);
  vi.stubGlobal("HTMLElement", FakeElement);
  return page;
}

/** A view's element as what it is in a test. */
export function faked(root: unknown): FakeElement {
  if (!(root instanceof FakeElement)) {
    throw new Error("the document is not the one of the test");
  }
  return root;
}
