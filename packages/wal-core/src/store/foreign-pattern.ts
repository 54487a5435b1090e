/**
 * Patterns read from an archive. A writer may have chosen one that takes Node's regular expressions exponential time.
 * Only patterns that cannot are matched by Node. Others are matched by RE2, in time linear in the length of the name.
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

/** The naming of a pattern. Where RE2 does not support the pattern, `parse` throws `archive-format-unknown`. */
export async function foreignNaming(pattern: string, base: NumberBase): Promise<SegmentNaming> {
  const compiled = compilePattern(pattern);
  return patternNaming(compiled, base, isQuick(pattern) ? undefined : await linearMatcher(pattern));
}

/** Loads RE2 only for such a pattern: the engine has a quarter of a megabyte. */
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
 * An anchored pattern with a few consecutive repeats takes at most cubic time in the length of the name, which a file
 * name limits. This checks the text of the pattern; a pattern in doubt is not quick.
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
    message: `unable to match '${name}' with the pattern '${pattern}' in source.json of the archive: ${reasonOf(cause)}`,
    hint: 'Correct the pattern in source.json, and find out what wrote it. The objects are intact.',
    cause,
  });
