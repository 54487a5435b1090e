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

/**
 * A text that may be a URL, without the user and password in it. What does not parse is still a
 * mistyped URL with its password inside, so everything before the last `@` goes.
 */
export const hideSecrets = (text: string): string =>
  text.replace(
    /^(?<scheme>[a-z0-9+.-]*:\/*)?.*@/is,
    (_whole, scheme?: string) => `${scheme ?? ''}[hidden]@`,
  );
