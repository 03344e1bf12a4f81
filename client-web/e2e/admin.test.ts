/** The page of whoever runs the server. */

import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";

import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { until } from "./poll.ts";
import { startLastingServer, startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

async function textOf(page: GamePage, name: string): Promise<string> {
  return page.page.getByRole("region", { name }).innerText();
}

test("the admin page tells how the server is and who plays where, and refreshes by itself", async () => {
  const name = "<b>Arena</b> 7";
  const server = await startLastingServer(["--name", name, "--shards", "2"]);
  const admin = await GamePage.open(browser(), `${server.url}/admin`, undefined, LARGE);
  await admin.page.getByRole("heading", { name }).waitFor();
  await until("no match is in the table", async () =>
    (await textOf(admin, "Matches")).includes("No match is running.") ? true : undefined,
  );
  const player = await GamePage.open(browser(), server.url);
  const { matchId, mapName } = await player.play("Ada");
  await until("the match is in the table", async () => {
    const text = await textOf(admin, "Matches");
    return text.includes(mapName ?? "?") && /Free for all[\s\S]*1\/16\s+0\s/.test(text) ? true : undefined;
  });
  await until("the ticks are measured", async () =>
    /well\s+1\s+\d+\.\d %\s+≤ \d/.test(await textOf(admin, "Shards")) ? true : undefined,
  );
  const watch = admin.page.getByRole("link", { name: `Watch match ${matchId}` });
  expect(await watch.getAttribute("href")).toBe(`./?spectate=${matchId}`);
  expect(await violations(admin), "axe").toEqual([]);
  await admin.screenshot("admin");

  await server.stop();
  await admin.page.getByText("does not answer").waitFor();
  await startServer(server.port, ["--name", "Anew"]);
  await admin.page.getByRole("heading", { name: "Anew" }).waitFor();
  expect([...admin.faults, ...player.faults]).toEqual([]);
});

/** An address of this machine under which it is not itself: requests to it come from no loopback. */
function outsideAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

/** A browser that is set to keep nothing. */
function keepNothing(): void {
  Object.defineProperty(window, "sessionStorage", {
    get: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });
}

test("from elsewhere the admin page asks for the token, and keeps it for this tab", async (context) => {
  const address = outsideAddress();
  if (address === undefined) {
    context.skip("this machine has no address but its own");
    return;
  }
  const server = await startServer(0, ["--host", "0.0.0.0", "--admin-token", "open sesame"]);
  const url = `http://${address}:${server.port}`;
  expect((await fetch(`${url}/api/overview`)).status).toBe(403);
  const admin = await GamePage.open(browser(), `${url}/admin`, undefined, LARGE);
  await admin.page.getByText("needs the server's admin token").waitFor();
  expect(await violations(admin), "axe").toEqual([]);
  await admin.page.keyboard.type("wrong");
  await admin.page.keyboard.press("Enter");
  await admin.page.getByText("not the admin token").waitFor();
  // As a word processor has it.
  await admin.page.getByLabel("Admin token").fill("“open sesame”");
  await admin.page.keyboard.press("Enter");
  await admin.page.reload();
  await admin.page.getByText("not the admin token").waitFor();
  await admin.page.getByLabel("Admin token").fill("open sesame");
  await admin.page.keyboard.press("Enter");
  await admin.page.getByRole("heading", { name: "Tickroom", exact: true }).waitFor();
  await admin.page.reload();
  await admin.page.getByRole("region", { name: "Shards" }).waitFor();
  // Another tab knows nothing of it, and one that may keep nothing takes it all the same.
  const other = await GamePage.open(browser(), `${url}/admin`, keepNothing);
  await other.page.getByText("needs the server's admin token").waitFor();
  await other.page.getByLabel("Admin token").fill("open sesame");
  await other.page.keyboard.press("Enter");
  await other.page.getByRole("region", { name: "Shards" }).waitFor();
  expect([...admin.faults, ...other.faults]).toEqual([]);
});
