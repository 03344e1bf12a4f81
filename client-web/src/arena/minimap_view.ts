/** What the minimap is told of a match, whether it is played or watched. */

import type { Pose } from "./game.ts";
import type { ArenaMap } from "./protocol/map.ts";
import { cssOf, PICKUP_COLORS } from "./render/palette.ts";
import type { Scene } from "./render/scene.ts";
import type { Fight } from "./sim/fight.ts";
import type { MinimapView } from "./ui/minimap.ts";

/** `own` is the player with the arrow; players have the colours of the `scene`, as soon as there is one. */
export function minimapOf(
  map: ArenaMap,
  own: Pose | undefined,
  others: ReadonlyMap<number, Pose>,
  fight: Fight,
  scene: Scene | undefined,
): MinimapView {
  return {
    map,
    own,
    others,
    pickups: fight.pickupsOn(map),
    colorOf: (entity) => scene?.cssColorOf(entity) ?? "#ffffff",
    pickupColorOf: (kind) => cssOf(PICKUP_COLORS[kind]),
  };
}
