/** What a player can choose, in a dialog that takes the keyboard while it is open. */

import { QUALITIES, type QualityChoice } from "../render/quality.ts";
import { TEXT_SCALES, type Settings } from "../settings/settings.ts";
import type { SettingsStore } from "../settings/store.ts";
import { element } from "./element.ts";
import { KeyTable } from "./key_table.ts";

/** A choice of yes or no. */
interface Toggle {
  readonly label: string;
  readonly of: (settings: Settings) => boolean;
  readonly set: (value: boolean) => Partial<Settings>;
}

const CONTROLS: readonly Toggle[] = [
  {
    label: "Left-handed touch: walk right, aim left",
    of: (settings) => settings.leftHanded,
    set: (leftHanded) => ({ leftHanded }),
  },
];

const PICTURE: readonly Toggle[] = [
  { label: "Less motion: no shaking, no flashes", of: (settings) => settings.calm, set: (calm) => ({ calm }) },
  {
    label: "Colour-blind-safe colours, with a shape for each",
    of: (settings) => settings.safeColors,
    set: (safeColors) => ({ safeColors }),
  },
  { label: "High contrast", of: (settings) => settings.highContrast, set: (highContrast) => ({ highContrast }) },
];

const SOUND: readonly Toggle[] = [
  { label: "Mute", of: (settings) => settings.muted, set: (muted) => ({ muted }) },
  { label: "Captions for sounds", of: (settings) => settings.captions, set: (captions) => ({ captions }) },
];

const QUALITY_NAMES: Readonly<Record<QualityChoice, string>> = {
  auto: "Automatic, by what this machine can",
  high: "High",
  low: "Low",
};

export class SettingsDialog {
  readonly root = element("dialog", "settings");
  private readonly keys: KeyTable;
  private before: Element | null = null;

  constructor(private readonly store: SettingsStore) {
    this.keys = new KeyTable((bindings) => store.change({ bindings }));
    const title = element("h2", "settings-title", "Settings");
    title.id = "settings-title";
    this.root.setAttribute("aria-labelledby", title.id);
    const close = element("button", "settings-close", "Done");
    close.type = "button";
    close.addEventListener("click", () => this.root.close());
    this.root.append(
      element("div", "settings-head", title, close),
      this.section("Controls", ...CONTROLS.map((toggle) => this.toggleRow(toggle))),
      this.section("Picture", ...PICTURE.map((toggle) => this.toggleRow(toggle)), this.qualityRow(), this.textRow()),
      this.section("Sound", this.volumeRow(), ...SOUND.map((toggle) => this.toggleRow(toggle))),
      this.section("Keys", this.keys.root),
    );
    // Esc keeps the key that was to be set; the next one closes.
    this.root.addEventListener("cancel", (event) => {
      if (this.keys.isWaiting) {
        event.preventDefault();
      }
    });
    this.root.addEventListener("close", () => {
      this.keys.cancel();
      (this.before as HTMLElement | null)?.focus();
    });
    // Keys of the match must not be heard; Esc would leave it.
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    store.follow((settings) => this.keys.show(settings.bindings));
  }

  get isOpen(): boolean {
    return this.root.open;
  }

  toggle(): void {
    if (this.root.open) {
      this.root.close();
      return;
    }
    this.before = document.activeElement;
    this.root.showModal();
  }

  private section(title: string, ...content: Node[]): HTMLElement {
    return element("section", "settings-section", element("h3", "", title), ...content);
  }

  private volumeRow(): HTMLElement {
    const input = element("input", "");
    input.type = "range";
    input.max = "100";
    input.addEventListener("input", () => this.store.change({ volume: Number(input.value) / 100 }));
    this.store.follow(({ volume }) => {
      input.value = String(Math.round(volume * 100));
    });
    return element("label", "settings-row", element("span", "", "Volume"), input);
  }

  private textRow(): HTMLElement {
    const options = TEXT_SCALES.map((scale) => ({ value: scale, name: `${scale * 100} %` }));
    return this.choiceRow("Size of text", options, ({ textScale }) => textScale, (textScale) => ({ textScale }));
  }

  private qualityRow(): HTMLElement {
    const options = QUALITIES.map((value) => ({ value, name: QUALITY_NAMES[value] }));
    return this.choiceRow("Quality", options, ({ quality }) => quality, (quality) => ({ quality }));
  }

  private choiceRow<T extends string | number>(
    label: string,
    options: readonly { readonly value: T; readonly name: string }[],
    of: (settings: Settings) => T,
    set: (value: T) => Partial<Settings>,
  ): HTMLElement {
    const choice = element("select", "");
    choice.append(
      ...options.map(({ value, name }) => {
        const option = element("option", "", name);
        option.value = String(value);
        return option;
      }),
    );
    choice.addEventListener("change", () => {
      const chosen = options[choice.selectedIndex];
      if (chosen !== undefined) {
        this.store.change(set(chosen.value));
      }
    });
    this.store.follow((settings) => {
      choice.value = String(of(settings));
    });
    return element("label", "settings-row", element("span", "", label), choice);
  }

  private toggleRow({ label, of, set }: Toggle): HTMLElement {
    const input = element("input", "");
    input.type = "checkbox";
    input.addEventListener("change", () => this.store.change(set(input.checked)));
    this.store.follow((settings) => {
      input.checked = of(settings);
    });
    return element("label", "settings-toggle", input, element("span", "", label));
  }
}
