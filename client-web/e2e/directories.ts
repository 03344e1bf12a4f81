/** Empty directories for recordings, gone when the tests of a file are over. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** To be called once in a file; gives what makes one. */
export function directoriesOfFile(): () => string {
  const made: string[] = [];
  afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));
  return () => {
    const directory = mkdtempSync(join(tmpdir(), "tickroom-e2e-"));
    made.push(directory);
    return directory;
  };
}
