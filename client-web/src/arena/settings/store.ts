/** Keeps the settings in this browser, and tells whoever depends on them. */

import { DEFAULT_SETTINGS, settingsFrom, type Settings } from "./settings.ts";

const STORAGE_KEY = "tickroom.settings";

export class SettingsStore {
  private settings = remembered();
  private readonly listeners: ((settings: Settings) => void)[] = [];

  get value(): Settings {
    return this.settings;
  }

  /** Calls `listener` now and after each change. */
  follow(listener: (settings: Settings) => void): void {
    this.listeners.push(listener);
    listener(this.settings);
  }

  change(part: Partial<Settings>): void {
    this.settings = { ...this.settings, ...part };
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(this.settings));
    } catch {
      // The browser is set to keep nothing: then they hold until the page is closed.
    }
    this.listeners.forEach((listener) => listener(this.settings));
  }
}

function remembered(): Settings {
  try {
    return settingsFrom(localStorage.getItem(STORAGE_KEY));
  } catch {
    return DEFAULT_SETTINGS;
  }
}
