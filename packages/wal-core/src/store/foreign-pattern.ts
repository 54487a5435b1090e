/**
 * Patterns that stand in an archive. Whoever writes there may have chosen one on which a match takes for
 * ever, so only those that cannot are used as they are; others get a deadline for each name.
 */
import { createContext, Script } from 'node:vm';
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { SegmentNaming } from '../source/naming.ts';

/** Of one name. Machines are slow; a pattern that takes this long takes for ever. */
const MATCH_MS_MAX = 5_000;
const REPEATS_MAX = 3;

/** The same naming; of a pattern that is refused, `parse` throws `archive-format-unknown`. */
export function withDeadline(naming: SegmentNaming): SegmentNaming {
  const { rule } = naming;
  if (rule.kind !== 'pattern' || isQuick(rule.pattern)) return naming;
  const place = createContext({ pattern: rule.pattern, name: '' });
  const match = new Script('pattern.exec(name)');
  const refuseSlow = (name: string): void => {
    try {
      place['name'] = name;
      match.runInContext(place, { timeout: MATCH_MS_MAX });
    } catch (cause) {
      throw refused(rule.pattern, name, cause);
    }
  };
  return {
    ...naming,
    parse: (name) => {
      refuseSlow(name);
      return naming.parse(name);
    },
  };
}

/**
 * A few repeats one behind another, from the beginning of the name on, take at worst the third power of the
 * name's length, which a file name limits. It is judged by its text: what is in doubt is not quick.
 */
function isQuick({ source }: RegExp): boolean {
  const bare = source
    .replaceAll(/\\./g, 'x')
    .replaceAll(/\[[^\]]*\]/g, 'x')
    .replaceAll(/\(\?(?:<\w+>|<?[=!]|:)/g, '(');
  const repeats = bare.match(/[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??/g) ?? [];
  const isOdd = /\||\)[*+?{]|\{(?!\d{1,3}(?:,\d{0,3})?\})/.test(bare);
  return bare.startsWith('^') && !isOdd && repeats.length <= REPEATS_MAX;
}

const refused = ({ source }: RegExp, name: string, cause: unknown): WalqError =>
  new WalqError('archive-format-unknown', {
    message: `unable to match '${name}' with the pattern '${source}', which the archive names for its source: ${reasonOf(cause)}`,
    hint: 'Who wrote this into source.json? Mend its pattern; the objects are whole.',
    cause,
  });
