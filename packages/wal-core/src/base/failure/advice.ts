import { catalogue, type FailureCode } from './catalogue.ts';
import { asWalqError, WalqError } from './walq-error.ts';

/** What a failure is about: the values of a hint's placeholders. */
export interface Names {
  readonly source?: string | undefined;
  readonly segment?: string | undefined;
}

/**
 * The hint for a failure of a segment, from this version's catalogue even for an older record. Its commands can be
 * copied.
 */
export const adviceOn = (code: FailureCode, source: string, segment: string): string =>
  fillIn(catalogue[code].hint, { source, segment });

/** The same failure with the names filled into its hint. */
export function withNames(error: unknown, names: Names): WalqError {
  const failure = asWalqError(error);
  const hint = fillIn(failure.hint, names);
  if (hint === failure.hint) return failure;
  const { code, message, cause, stack } = failure;
  return Object.assign(new WalqError(code, { message, hint, cause }), { stack });
}

function fillIn(hint: string, { source, segment }: Names): string {
  const values: Record<string, string | undefined> = {
    SOURCE: source,
    SEGMENT: segment === undefined ? undefined : shellWord(segment),
  };
  return hint.replaceAll(
    /\b(?:SOURCE|SEGMENT)\b/g,
    (placeholder) => values[placeholder] ?? placeholder,
  );
}

/** A text as one word of a command for a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[\w.%+,:=@/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
