import { warn, print } from '../terminal/print.ts';
import { showDuration } from '../terminal/human.ts';
import type { ChildListener, ChildSpec } from './run-child.ts';

/** Hands the lines of children on to stdout, each behind the child's name; `bare` without the name. */
export const printChildren = ({ bare }: { readonly bare: boolean }): ChildListener => ({
  line: (child, text) => print(bare ? text : `${child.name.padEnd(9)} | ${text}`),
  restarting: sayRestarting,
});

const LINES_KEPT = 20;

/** Hands nothing on unless a child ends by itself: then its last lines, which say why. */
export function quietChildren(): ChildListener {
  const kept = new Map<string, string[]>();
  return {
    line: async ({ name }, text) => {
      kept.set(name, [...(kept.get(name) ?? []), text].slice(-LINES_KEPT));
    },
    restarting: (child, why, delayMs) => {
      for (const line of kept.get(child.name) ?? []) warn(`${child.name}: ${line}`);
      kept.delete(child.name);
      sayRestarting(child, why, delayMs);
    },
  };
}

function sayRestarting({ name }: ChildSpec, why: string, delayMs: number): void {
  warn(`walq: ${name} ended (${why}), starting it again in ${showDuration(delayMs)}`);
}
