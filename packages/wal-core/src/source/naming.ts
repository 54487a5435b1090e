import { WalqError } from '../base/failure/walq-error.ts';
import { postgresNaming } from './postgres-naming.ts';
import type { SegmentName } from './segment-name.ts';

/** A naming as plain data, to be passed to a thread or recorded. */
export type NamingRule =
  | { readonly kind: 'log' }
  /** No pattern is configured: `openSource` recognises the segments by the files. */
  | { readonly kind: 'by-files' }
  | { readonly kind: 'pattern'; readonly pattern: RegExp; readonly base: NumberBase }
  | { readonly kind: 'postgres'; readonly segmentBytes: number };

/** Which file names of a source are segments, and their order. */
export interface SegmentNaming {
  readonly rule: NamingRule;
  /** The segment that a file name stands for; undefined when the file is not a segment. */
  parse(fileName: string): SegmentName | undefined;
  /** Whether a name is not a segment by this naming but could be one of another kind, so that the order is unknown. */
  isUnrecognised?(fileName: string): boolean;
  /** The name of a numbered segment, where number and name determine each other. */
  readonly nameOf?: (number: bigint) => string;
}

const LOG_NAME_DIGITS = 20;
const logPattern = /^(?<number>\d{20})\.wal$/;

/** Names of walq's own log: the segment's number as 20 decimal digits, then `.wal`. */
export const logNaming: SegmentNaming = {
  ...patternNaming(logPattern, 10),
  rule: { kind: 'log' },
  nameOf: (number) => `${number.toString().padStart(LOG_NAME_DIGITS, '0')}.wal`,
};

/** Any name with a number; the last run of decimal digits counts. */
export const anyNumberPattern = compilePattern('^(?!\\.)[\\s\\S]*?(?<number>\\d+)\\D*$');

/**
 * For finding single names where no pattern is configured. It does not order segments: it knows no hexadecimal
 * numbers.
 */
export const anyNumberedNaming: SegmentNaming = {
  ...patternNaming(anyNumberPattern, 10),
  rule: { kind: 'by-files' },
};

export type NumberBase = 10 | 16;

/** Gives the text of the group `number` in a name; undefined where the pattern does not match. */
export type FindNumber = (name: string) => string | undefined;

/**
 * Naming by a regular expression with one group `number`, read in base 10 or 16.
 *
 * @param find - matches the pattern by another engine. @default the pattern itself
 * @throws WalqError `configuration-invalid` for a pattern with a flag that changes its meaning
 */
export function patternNaming(pattern: RegExp, base: NumberBase, find?: FindNumber): SegmentNaming {
  const stateless = asStateless(pattern);
  const digitsIn = find ?? ((name) => stateless.exec(name)?.groups?.['number']);
  return {
    rule: { kind: 'pattern', pattern: stateless, base },
    parse(name) {
      if (!isFileName(name)) return undefined;
      const digits = digitsIn(name);
      const number = digits === undefined ? undefined : toNumber(digits, base);
      return number === undefined ? undefined : { name, number };
    },
    // A number in another base: its position among the others is unknown.
    isUnrecognised(name) {
      const digits = base === 10 ? digitsIn(name) : undefined;
      return digits !== undefined && /^(?=.*\d)(?=.*[a-f])[\da-f]+$/i.test(digits);
    },
  };
}

/**
 * Names come from jobs and command lines too, and a loose pattern alone would accept a path that leaves the source's
 * directory.
 */
const isFileName = (name: string): boolean => !/[/\0]/.test(name);

/**
 * The archive records the text of the pattern for readers without a configuration, so the text must be complete. With
 * `g` or `y` an expression keeps state and would miss every other name.
 */
function asStateless({ source, flags }: RegExp): RegExp {
  if (!/[ims]/.test(flags)) return compilePattern(source);
  throw new WalqError('configuration-invalid', {
    message: `the pattern /${source}/${flags} has a flag that changes what it matches`,
    hint: 'Write its effect into the pattern, such as [Aa] for the flag i.',
  });
}

export function namingOf(rule: NamingRule): SegmentNaming {
  if (rule.kind === 'log') return logNaming;
  if (rule.kind === 'postgres') return postgresNaming(rule.segmentBytes);
  if (rule.kind === 'by-files') return anyNumberedNaming;
  return patternNaming(rule.pattern, rule.base);
}

const digitsOf: Record<NumberBase, RegExp> = { 10: /^\d+$/, 16: /^[0-9a-fA-F]+$/ };

function toNumber(digits: string, base: NumberBase): bigint | undefined {
  if (!digitsOf[base].test(digits)) return undefined;
  return BigInt(base === 16 ? `0x${digits}` : digits);
}

/** Compiles a `pattern` of the configuration. It must have exactly one group `number`. */
export function compilePattern(pattern: string): RegExp {
  const groups = pattern.match(/\(\?<number>/g)?.length ?? 0;
  if (groups !== 1) {
    throw new WalqError('configuration-invalid', {
      message: `the pattern '${pattern}' must have one group (?<number>…)`,
      hint: "For example '^wal-(?<number>\\d+)\\.bin$'.",
    });
  }
  try {
    return new RegExp(pattern, 'u');
  } catch (cause) {
    throw new WalqError('configuration-invalid', {
      message: `the pattern '${pattern}' is not a regular expression`,
      cause,
    });
  }
}
