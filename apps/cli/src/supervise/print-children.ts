import { warn, print } from '../terminal/print.ts';
import { showDuration } from '../terminal/human.ts';
import type { ChildListener, ChildSpec } from './run-child.ts';

/** Prints the lines of children on stdout, each after the name of its child; with `bare`, without the name. */
export const printChildren = ({ bare }: { readonly bare: boolean }): ChildListener => ({
  line: (child, text) => print(bare ? text : `${child.name.padEnd(9)} | ${text}`),
  restarting: warnOfRestart,
});

const LINES_KEPT = 20;

/** Prints nothing unless a child ends unexpectedly: then its last lines, which say why. */
export function quietChildren(): ChildListener {
  const kept = new Map<string, string[]>();
  return {
    line: async ({ name }, text) => {
      kept.set(name, [...(kept.get(name) ?? []), text].slice(-LINES_KEPT));
    },
    restarting: (child, why, delayMs) => {
      for (const line of kept.get(child.name) ?? []) warn(`${child.name}: ${line}`);
      kept.delete(child.name);
      warnOfRestart(child, why, delayMs);
    },
  };
}

function warnOfRestart({ name }: ChildSpec, why: string, delayMs: number): void {
  warn(`walq: ${name} ended (${why}), restarting it in ${showDuration(delayMs)}`);
}
