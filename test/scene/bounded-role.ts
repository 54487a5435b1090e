import { readFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import type { RunningProcess } from '@walq/test-support';

/** About three times what a worker has been seen to take. */
const RESIDENT_MB_MAX = 400;
/** Once: what a role says of its own life, and of whatever goes wrong. For each minute that it runs, also this. */
const LINES_MAX = { once: 30, aMinute: 30 };
const WARNINGS_MAX = { once: 10, aMinute: 6 };
const SAMPLE_INTERVAL_MS = 250;

/**
 * Fails the test when a role has written more than some lines a minute or held more memory than any amount
 * of trouble explains, whatever happened around it.
 */
export function holdBounded(role: RunningProcess): RunningProcess {
  const startedMs = performance.now();
  let aliveMs = 0;
  let peakMb = 0;
  const sample = (): void => {
    if (role.ended) return;
    aliveMs = performance.now() - startedMs;
    peakMb = peakMbOf(role.pid) ?? peakMb;
  };
  const sampling = setInterval(sample, SAMPLE_INTERVAL_MS);
  onTestFinished(() => {
    clearInterval(sampling);
    sample();
    expect(excesses(role, { minutes: aliveMs / 60_000, peakMb })).toEqual([]);
  });
  return role;
}

interface Held {
  readonly minutes: number;
  readonly peakMb: number;
}

function excesses(role: RunningProcess, { minutes, peakMb }: Held): string[] {
  const lines = `${role.stdout}${role.stderr}`.split('\n').filter((line) => line !== '');
  const warnings = lines.filter((line) => /"level":[456]0/.test(line));
  const isTooMany = (count: number, { once, aMinute }: typeof LINES_MAX): boolean =>
    count > once + aMinute * minutes;
  const excess = (what: string, some: readonly string[]): string =>
    `${some.length} ${what} in ${minutes.toFixed(1)} minutes, the last:\n${some.slice(-20).join('\n')}`;
  return [
    ...(isTooMany(lines.length, LINES_MAX) ? [excess('lines', lines)] : []),
    ...(isTooMany(warnings.length, WARNINGS_MAX) ? [excess('warnings', warnings)] : []),
    ...(peakMb > RESIDENT_MB_MAX ? [`${peakMb} MB held at the most`] : []),
  ];
}

/** Undefined where there is no /proc, or the process has just ended. */
function peakMbOf(pid: number): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Math.round(Number(kib) / 1_000);
  } catch {
    return undefined;
  }
}
