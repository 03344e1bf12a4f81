/** The admin page: asks the server every second how it is, and for the token when it does not tell just anybody. */

import "./admin.css";

import { overviewOf, type Overview } from "./overview.ts";
import { headersOf, rememberedToken, rememberToken } from "./token.ts";
import { View } from "./view.ts";

const POLL_MS = 1000;

let token = rememberedToken();
const view = new View((entered) => {
  token = entered;
  rememberToken(entered);
  void poll();
});
document.getElementById("admin")?.append(view.root);

let timer: ReturnType<typeof setTimeout> | undefined;
document.addEventListener("visibilitychange", () => void poll());
void poll();

/** One question after the other; a page that nobody sees asks nothing. */
async function poll(): Promise<void> {
  clearTimeout(timer);
  if (document.visibilityState === "hidden") {
    return;
  }
  const answer = await ask();
  clearTimeout(timer);
  if (answer === "forbidden") {
    view.askForToken(token !== "");
    return;
  }
  view.show(answer);
  timer = setTimeout(() => void poll(), POLL_MS);
}

async function ask(): Promise<Overview | "forbidden" | undefined> {
  const headers = headersOf(token);
  if (headers === undefined) {
    return "forbidden";
  }
  try {
    const answer = await fetch("./api/overview", { headers, cache: "no-store" });
    if (answer.status === 403) {
      return "forbidden";
    }
    return answer.ok ? overviewOf(await answer.json()) : undefined;
  } catch {
    // The server is gone, or what it answers is no JSON.
    return undefined;
  }
}
