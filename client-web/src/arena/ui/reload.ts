/** A page that is older than the server loads itself anew, once for each version: a proxy may still keep the old one. */

/** Of the last versions only so many are remembered. */
const VERSIONS_MAX = 16;

const STORAGE_KEY = "tickroom.reloaded_for";

/** True when the page now loads itself anew; false when it already did for this version, or may remember nothing. */
export function reloadOnceFor(serverVersion: number | string): boolean {
  try {
    const seen = sessionStorage.getItem(STORAGE_KEY)?.split(" ") ?? [];
    if (seen.includes(String(serverVersion))) {
      return false;
    }
    sessionStorage.setItem(STORAGE_KEY, [...seen, serverVersion].slice(-VERSIONS_MAX).join(" "));
  } catch {
    return false;
  }
  location.reload();
  return true;
}
