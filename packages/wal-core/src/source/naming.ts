import { WalqError } from '../base/failure/walq-error.ts';
import { postgresNaming } from './postgres-naming.ts';
import type { SegmentName } from './segment-name.ts';

/** A naming as plain data, for a thread or a message. */
export type NamingRule =
  | { readonly kind: 'log' }
  /** Nobody has said which files are segments: `openSource` finds out from the files. */
  | { readonly kind: 'by-files' }
  | { readonly kind: 'pattern'; readonly pattern: RegExp; readonly base: NumberBase }
  | { readonly kind: 'postgres'; readonly segmentBytes: number };

/** Which file names of a source are segments, and in which order they come. */
export interface SegmentNaming {
  readonly rule: NamingRule;
  /** The segment that a file name stands for; undefined when the file is not a segment. */
  parse(fileName: string): SegmentName | undefined;
  /** True for a name that is no segment, and yet looks like one of another kind: nobody can tell then. */
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

/** Any name with a number, the last run of its decimal digits. */
export const anyNumberPattern = compilePattern('^(?!\\.)[\\s\\S]*?(?<number>\\d+)\\D*$');

/**
 * For names that are looked up where nobody has said which files are segments. It is no order of segments:
 * hexadecimal numbers have none in it.
 */
export const anyNumberedNaming: SegmentNaming = {
  ...patternNaming(anyNumberPattern, 10),
  rule: { kind: 'by-files' },
};

export type NumberBase = 10 | 16;

/** What the group `number` of a pattern matches in a name; undefined where the pattern does not match. */
export type FindNumber = (name: string) => string | undefined;

/**
 * Naming by a regular expression with one group `number`, read in base 10 or 16.
 *
 * @param find - matches the pattern by another engine. @default the pattern itself
 * @throws WalqError `configuration-invalid` for one whose meaning is not in its text alone
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
    // A number in another base: its place among the others is unknown.
    isUnrecognised(name) {
      const digits = base === 10 ? digitsIn(name) : undefined;
      return digits !== undefined && /^(?=.*\d)(?=.*[a-f])[\da-f]+$/i.test(digits);
    },
  };
}

/**
 * A name comes from jobs and command lines too, where a loose pattern alone would let it lead out of the
 * source's directory.
 */
const isFileName = (name: string): boolean => !/[/\0]/.test(name);

/**
 * An archive keeps the text of the pattern for those who have no configuration, so the text must say it
 * all. With `g` or `y` an expression remembers where it stopped, and would miss every other name.
 */
function asStateless({ source, flags }: RegExp): RegExp {
  if (!/[ims]/.test(flags)) return compilePattern(source);
  throw new WalqError('configuration-invalid', {
    message: `the pattern /${source}/${flags} has a flag that changes what it matches`,
    hint: 'Write it into the pattern, such as [Aa] for a flag i.',
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

/** A `pattern` of the configuration, compiled; refuses one without exactly one group `number`. */
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
