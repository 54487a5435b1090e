import { inspect } from 'node:util';

const HIDDEN = '[hidden]';

/** A text that no message, log or JSON ever shows; only `reveal` gives it, to the one who connects. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
