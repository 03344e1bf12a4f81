import { gzipSync } from "node:zlib";

import { defineConfig, type Plugin } from "vite";

import { sources } from "./source_plugin.ts";

/** A server started with `cargo run` or `tickroom serve`, for `npm run dev`. */
const SERVER = "http://127.0.0.1:3000";

/** All that the page may load, compressed, in units of 1000 bytes. */
const GZIP_KB_MAX = 350;

/** Says how large the page is, and fails the build when it is too large. */
function sizeBudget(): Plugin {
  return {
    name: "size-budget",
    generateBundle(_, bundle) {
      const sizes = Object.values(bundle).map((file) => gzipSync(file.type === "chunk" ? file.code : file.source).length);
      const kb = sizes.reduce((sum, bytes) => sum + bytes, 0) / 1000;
      console.log(`page: ${kb.toFixed(1)} KB gzipped of ${GZIP_KB_MAX} KB`);
      if (kb > GZIP_KB_MAX) {
        this.error(`the page has ${kb.toFixed(1)} KB gzipped, more than ${GZIP_KB_MAX} KB`);
      }
    },
  };
}

export default defineConfig({
  plugins: [sources(), sizeBudget()],
  // Relative addresses, so that the page also works below a path of a reverse proxy.
  base: "./",
  build: {
    outDir: process.env["TICKROOM_CLIENT_OUT"] ?? "dist",
    emptyOutDir: true,
    // The game, and the page of whoever runs the server.
    rollupOptions: { input: ["index.html", "admin.html"] },
    target: "es2022",
    // One chunk for the drawing library alone is larger than the default limit of this warning.
    chunkSizeWarningLimit: 1500,
    // Everything is loaded from the page's own host; inlined data would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/socket.io": { target: SERVER, ws: true },
      "/api": SERVER,
      "/healthz": SERVER,
      "/metrics": SERVER,
    },
  },
});
