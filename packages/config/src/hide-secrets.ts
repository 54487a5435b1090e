/**
 * A text that may be a URL, without the user and password in it. What does not parse is still a
 * mistyped URL with its password inside, so everything before the last `@` goes.
 */
export const hideSecrets = (text: string): string =>
  text.replace(
    /^(?<scheme>[a-z0-9+.-]*:\/*)?.*@/is,
    (_whole, scheme?: string) => `${scheme ?? ''}[hidden]@`,
  );
