/**
 * Patterns that stand in an archive. Whoever writes there may have chosen one on which Node's regular expressions
 * search for ever, so only those that cannot are used as they are; others are matched by RE2's engine, in a time that
 * grows with the name's length and no faster.
 */
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import {
  compilePattern,
  patternNaming,
  type FindNumber,
  type NumberBase,
  type SegmentNaming,
} from '../source/naming.ts';

const REPEATS_MAX = 3;

/** The naming of a pattern; where RE2 does not know the pattern, `parse` throws `archive-format-unknown`. */
export async function foreignNaming(pattern: string, base: NumberBase): Promise<SegmentNaming> {
  const compiled = compilePattern(pattern);
  return patternNaming(compiled, base, isQuick(pattern) ? undefined : await linearMatcher(pattern));
}

/** Loaded for such a pattern only: the engine is a quarter of a megabyte. */
async function linearMatcher(pattern: string): Promise<FindNumber> {
  const { RE2JS } = await import('re2js');
  let compiled: InstanceType<typeof RE2JS> | undefined;
  return (name) => {
    try {
      compiled ??= RE2JS.compile(RE2JS.translateRegExp(pattern));
    } catch (cause) {
      throw unmatchable(pattern, name, cause);
    }
    const matcher = compiled.matcher(name);
    return matcher.find() ? (matcher.group('number') ?? undefined) : undefined;
  };
}

/**
 * A few repeats one behind another, from the beginning of the name on, take at worst the third power of the
 * name's length, which a file name limits. It is judged by its text: what is in doubt is not quick.
 */
function isQuick(pattern: string): boolean {
  const bare = pattern
    .replaceAll(/\\./g, 'x')
    .replaceAll(/\[[^\]]*\]/g, 'x')
    .replaceAll(/\(\?(?:<\w+>|<?[=!]|:)/g, '(');
  const repeats = bare.match(/[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??/g) ?? [];
  const isOdd = /\||\)[*+?{]|\{(?!\d{1,3}(?:,\d{0,3})?\})/.test(bare);
  return bare.startsWith('^') && !isOdd && repeats.length <= REPEATS_MAX;
}

const unmatchable = (pattern: string, name: string, cause: unknown): WalqError =>
  new WalqError('archive-format-unknown', {
    message: `unable to match '${name}' with the pattern '${pattern}', which the archive names for its source: ${reasonOf(cause)}`,
    hint: 'Who wrote this into source.json? Mend its pattern; the objects are whole.',
    cause,
  });
