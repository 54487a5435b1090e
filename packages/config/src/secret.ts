import { inspect } from 'node:util';

const HIDDEN = '[hidden]';

/** A text that no message, log or JSON ever shows. Only `reveal` returns it, for connecting. */
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
 * Removes user and password from a text that may be a URL. A text that does not parse may be a mistyped URL with a
 * password, so everything before the last `@` is removed.
 */
export const hideSecrets = (text: string): string =>
  text.replace(
    /^(?<scheme>[a-z0-9+.-]*:\/*)?.*@/is,
    (_whole, scheme?: string) => `${scheme ?? ''}[hidden]@`,
  );
