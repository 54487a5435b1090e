import fc from 'fast-check';
import { expect, it } from 'vitest';
import { history, detect } from './detected.ts';

/** A tree of timelines by hand: each but the first branches off an earlier one, within its reach. */
const trees = fc
  .array(fc.record({ parent: fc.nat(), begin: fc.integer({ min: 1, max: 12 }) }), { maxLength: 4 })
  .map((branches) => {
    const tree: { parent: number; begin: number }[] = [{ parent: 0, begin: 1 }];
    for (const { parent, begin } of branches) {
      const index = parent % tree.length;
      tree.push({ parent: index + 1, begin: Math.max(begin, tree[index]?.begin ?? 1) });
    }
    return tree;
  });

type Tree = readonly { readonly parent: number; readonly begin: number }[];

/** The eldest first. */
function ancestry(tree: Tree, timeline: number): [timeline: number, segment: number][] {
  const { parent, begin } = tree[timeline - 1] ?? { parent: 0, begin: 0 };
  return parent === 0 ? [] : [...ancestry(tree, parent), [parent, begin]];
}

/** What is missing, by walking every path segment by segment. */
function missingByWalking(tree: Tree, has: (timeline: number, number: number) => boolean): number {
  const missing = new Set<string>();
  const numbers = Array.from({ length: 20 }, (_, at) => at + 1);
  const highestOf = (timeline: number) =>
    Math.max(0, ...numbers.filter((number) => has(timeline, number)));
  for (const timeline of tree.map((_, at) => at + 1)) {
    const path = ancestry(tree, timeline);
    const holder = (number: number) => path.find(([, at]) => number < at)?.[0] ?? timeline;
    const own = numbers.filter((n) => holder(n) === timeline && has(timeline, n));
    const children = tree.flatMap(({ parent, begin }) => (parent === timeline ? [begin] : []));
    const start = numbers.find((n) => has(holder(n), n));
    if (own.length === 0 || start === undefined) continue;
    for (const number of numbers.filter((n) => n > start && n < highestOf(timeline))) {
      const where = holder(number);
      if (has(where, number)) continue;
      if (where !== timeline || isNeeded(own, children, number)) missing.add(`${where}:${number}`);
    }
  }
  return missing.size;
}

/** Of a gap with the last branch in it, the part before the branch; otherwise all of it. */
function isNeeded(own: readonly number[], children: readonly number[], number: number): boolean {
  const before = Math.max(-1, ...own.filter((n) => n < number));
  const later = children.filter((begin) => begin > before);
  return later.length === 0 || number < Math.max(...later);
}

it('reports exactly what a walk along every path does not find, each once', () => {
  const set = fc.uniqueArray(fc.integer({ min: 0, max: 20 * 5 - 1 }), { maxLength: 60 });
  fc.assert(
    fc.property(trees, set, (tree, chosen) => {
      const there = new Set(chosen.map((at) => `${Math.floor(at / 20) + 1}:${(at % 20) + 1}`));
      const has = (timeline: number, number: number): boolean =>
        number >= (tree[timeline - 1]?.begin ?? 99) && there.has(`${timeline}:${number}`);
      const histories = tree.flatMap((_, at) =>
        at === 0 ? [] : [history(at + 1, ...ancestry(tree, at + 1))],
      );
      const all = tree.map((_, at): [number, number[]] => [
        at + 1,
        Array.from({ length: 20 }, (__, index) => index + 1).filter((n) => has(at + 1, n)),
      ]);
      const { gaps } = detect(histories, all);
      expect(gaps.reduce((sum, [, , count]) => sum + count, 0)).toBe(missingByWalking(tree, has));
    }),
    { numRuns: 500 },
  );
});
