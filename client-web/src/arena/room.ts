/**
 * The private match in the address bar: where a link leads, what stands there while somebody is in a private match, and
 * when it is taken out again. Between the session and the menu; knows neither sockets nor pictures.
 */

import type { SessionState } from "../tickroom/session_state.ts";
import { invitationIn, linkTo, showRoom, type Invitation } from "./entry.ts";
import type { Invite } from "./ui/invite.ts";
import type { Menu } from "./ui/menu.ts";
import { BROKEN_LINK } from "./ui/notice.ts";
import { rememberedRoom, rememberRoom } from "./ui/seat_memory.ts";

export class Room {
  private readonly invitation: Invitation;
  private entered = false;

  constructor(
    query: URLSearchParams,
    private readonly menu: Menu,
    private readonly invite: Invite,
  ) {
    this.invitation = invitationIn(query);
  }

  /** True when the link leads into another match than the one this tab has a seat in: then the link counts. */
  get leadsElsewhere(): boolean {
    return this.invitation.kind === "code" && this.invitation.code !== rememberedRoom();
  }

  /** Tells the menu where the link leads. True when that is a match. */
  open(): boolean {
    if (this.invitation.kind === "broken") {
      this.menu.setProblem(BROKEN_LINK);
      showRoom(undefined);
    }
    const { invitation } = this;
    this.menu.invite(invitation.kind === "code" ? invitation.code : undefined);
    return invitation.kind === "code";
  }

  /** Follows the session; `code` is that of the match, and `plays` is whether it is played in one: whoever only watches another is still invited. */
  follow(state: SessionState, plays: boolean, code: string | undefined): void {
    this.invite.show(plays && code !== undefined ? { code, link: linkTo(location.href, code) } : undefined);
    if (plays) {
      this.entered = true;
      this.remember(code);
    } else if ((this.entered && state.kind === "idle") || isOver(state)) {
      this.entered = false;
      this.remember(undefined);
    }
  }

  private remember(code: string | undefined): void {
    rememberRoom(code);
    showRoom(code);
    this.menu.invite(undefined);
  }
}

function isOver(state: SessionState): boolean {
  return state.kind === "refused" && state.refusal.kind === "code unknown";
}
