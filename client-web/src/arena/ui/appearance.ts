/** Puts what a player chose of contrast, colours, motion and size of text where the style sheets read it. */

import type { Settings } from "../settings/settings.ts";

export function showAppearance(root: HTMLElement, settings: Settings): void {
  root.dataset["calm"] = String(settings.calm);
  root.dataset["colors"] = settings.safeColors ? "safe" : "neon";
  root.dataset["contrast"] = settings.highContrast ? "high" : "usual";
  root.dataset["text"] = settings.textScale > 1 ? "large" : "usual";
  root.style.setProperty("--text-scale", String(settings.textScale));
}
