/** The token of whoever runs the server: it opens all its figures, and is kept for this tab only. */

const STORAGE_KEY = "tickroom.admin_token";

/** Empty when there is none. */
export function rememberedToken(): string {
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? "";
  } catch {
    // The browser is set to keep nothing.
    return "";
  }
}

export function rememberToken(token: string): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, token);
  } catch {
    // The browser is set to keep nothing: then a reload asks for the token again.
  }
}

/** The headers that show it; undefined when it has letters that no header may have, and so is no server's. */
export function headersOf(token: string): Headers | undefined {
  try {
    return new Headers(token === "" ? {} : { authorization: `Bearer ${token}` });
  } catch {
    return undefined;
  }
}
