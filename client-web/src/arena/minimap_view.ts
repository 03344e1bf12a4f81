/** What the minimap is told of a match, whether it is played or watched. */

import type { Pose } from "./game.ts";
import type { ArenaMap } from "./protocol/map.ts";
import { USUAL_LOOK } from "./render/look.ts";
import type { Scene } from "./render/scene.ts";
import type { Fight } from "./sim/fight.ts";
import type { MinimapView } from "./ui/minimap.ts";

/** `own` is the player with the arrow; all looks as it does in the `scene`, as soon as there is one. */
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
    look: scene?.look ?? USUAL_LOOK,
    markOf: (entity) => scene?.markOf(entity),
  };
}
