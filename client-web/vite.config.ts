import { defineConfig } from "vite";

/** A server started with `cargo run` or `tickroom serve`, for `npm run dev`. */
const SERVER = "http://127.0.0.1:3000";

export default defineConfig({
  // Relative addresses, so that the page also works below a path of a reverse proxy.
  base: "./",
  build: {
    outDir: process.env["TICKROOM_CLIENT_OUT"] ?? "dist",
    emptyOutDir: true,
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
    },
  },
});
