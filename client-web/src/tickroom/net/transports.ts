/** Which transports are tried, in this order. */

export type TransportName = "websocket" | "polling";

/**
 * By the value of `?transport=`: `polling`, `websocket`, `upgrade` (polling that becomes a WebSocket). Otherwise a
 * WebSocket at once, which saves two round trips, and polling where something on the way lets no WebSocket through.
 */
export function transportsOf(wish: string | null): TransportName[] {
  switch (wish) {
    case "polling":
      return ["polling"];
    case "websocket":
      return ["websocket"];
    case "upgrade":
      return ["polling", "websocket"];
    default:
      return ["websocket", "polling"];
  }
}
