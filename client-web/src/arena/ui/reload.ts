/** A page that is older than the server loads itself anew, once for each version: a proxy may still keep the old one. */

const STORAGE_KEY = "tickroom.reloaded_for";

/** True when the page now loads itself anew; false when it already did for this version, or may remember nothing. */
export function reloadOnceFor(serverVersion: number | string): boolean {
  try {
    if (sessionStorage.getItem(STORAGE_KEY) === String(serverVersion)) {
      return false;
    }
    sessionStorage.setItem(STORAGE_KEY, String(serverVersion));
  } catch {
    return false;
  }
  location.reload();
  return true;
}
