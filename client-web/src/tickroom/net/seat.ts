/**
 * Which seat the game's namespace asks for, holds or gives back. Pure: decides, and does nothing to the network itself.
 *
 * Between CONNECT and its answer nothing may be taken back: the library sends no DISCONNECT for a namespace that is not
 * there yet, so the seat would stay occupied by nobody, and a server closes a stream that asks for the same namespace
 * twice. What is wished meanwhile waits for the answer.
 *
 * | state | leaves to |
 * |---|---|
 * | none | asking (`sit`) |
 * | asking | sitting (`answered`), leaving (`answered`, no longer wanted), none or asking for the next (`ended`) |
 * | sitting | leaving (`leave`, `sit` with another token), asking (`sit` with the same), none (`ended`) |
 * | leaving | none or asking for the next (LEAVE is answered or too late, `ended`) |
 */

/** What a seat needs of the network. */
export interface SeatSteps {
  /** Sends CONNECT with this token. */
  connect(token: string): void;
  /** Sends DISCONNECT. */
  disconnect(): void;
  /** Sends LEAVE; `answered` is called once, also when no answer comes. */
  leave(answered: () => void): void;
}

export class Seat {
  private state: "none" | "asking" | "sitting" | "leaving" = "none";
  private asked = "";
  /** To be asked for when this one is given back. */
  private next: string | undefined;
  private unwanted = false;

  constructor(private readonly steps: SeatSteps) {}

  /** False while what comes belongs to a seat that is to be given back, or to none. */
  get isWanted(): boolean {
    return (this.state === "asking" || this.state === "sitting") && !this.unwanted;
  }

  /** Takes the seat of this token, and gives back another one before. */
  sit(token: string): void {
    if (this.state === "none") {
      this.ask(token);
    } else if (this.state === "leaving" || token !== this.asked) {
      this.leave();
      this.next = token;
    } else if (this.state === "asking") {
      this.unwanted = false;
      this.next = undefined;
    } else {
      this.steps.disconnect();
      this.ask(token);
    }
  }

  /** Gives the seat back, as soon as that is possible. */
  leave(): void {
    this.next = undefined;
    if (this.state === "asking") {
      this.unwanted = true;
    } else if (this.state === "sitting") {
      this.giveBack();
    }
  }

  /** The server has let us in. */
  answered(): void {
    if (this.state === "asking") {
      this.state = "sitting";
      if (this.unwanted) {
        this.giveBack();
      }
    }
  }

  /** The server has refused the seat or taken it away. True when it was wanted. */
  ended(): boolean {
    const { isWanted } = this;
    this.goOn();
    return isWanted;
  }

  /** The stream is gone, and with it every wish. */
  reset(): void {
    this.state = "none";
    this.next = undefined;
    this.unwanted = false;
  }

  private giveBack(): void {
    this.state = "leaving";
    // With the answer or without: a seat that nobody sits on is given up by the server when its time is over.
    this.steps.leave(() => {
      if (this.state === "leaving") {
        this.steps.disconnect();
        this.goOn();
      }
    });
  }

  private goOn(): void {
    const { next } = this;
    this.reset();
    if (next !== undefined) {
      this.ask(next);
    }
  }

  private ask(token: string): void {
    this.state = "asking";
    this.asked = token;
    this.steps.connect(token);
  }
}
