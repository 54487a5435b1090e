import {
  explainKnownGap,
  RepairLog,
  requireGap,
  type AcknowledgedGap,
  type SegmentNaming,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { Call } from '../../command-line/command.ts';
import { print, printJson } from '../../terminal/print.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import { type RepairOptions, oneSource } from './options.ts';
import { gapsOfSource } from '../../sources/segments-at.ts';
import { whoRepairs } from '../../sources/owner.ts';

export async function acknowledge(call: Call<RepairOptions>): Promise<void> {
  const { acknowledgeGap = '', reason = '', dryRun = false } = call.options;
  const archived = await oneSource(call);
  const { name: source, store } = archived;
  const by = whoRepairs();
  const explanation = { ...boundsOf(acknowledgeGap, archived.naming), reason: reason.trim(), by };
  const log = new RepairLog({ store, source, by });
  const place = { store, source, log };
  const gaps = await gapsOfSource(archived);
  const known = requireGap(source, gaps, explanation).acknowledged;
  const outcome = dryRun ? plannedFor(known) : await explainKnownGap(place, gaps, explanation);
  if (call.json) return printJson({ source, dryRun, ...explanation, outcome });
  const gap = `the gap between ${printable(explanation.after)} and ${printable(explanation.before)}`;
  if (outcome === 'exists')
    return print(`${gap} was already acknowledged; its reason is unchanged`);
  await print(`${dryRun ? 'would acknowledge' : 'acknowledged'} ${gap}`);
}

const plannedFor = (known: AcknowledgedGap | null): 'created' | 'exists' =>
  known === null ? 'created' : 'exists';

/** Names may contain dots: splits at the `..` that leaves a segment name on both sides. */
function boundsOf(text: string, naming: SegmentNaming): { after: string; before: string } {
  for (let at = text.indexOf('..'); at >= 0; at = text.indexOf('..', at + 1)) {
    const [after, before] = [text.slice(0, at), text.slice(at + 2)];
    if (naming.parse(after) !== undefined && naming.parse(before) !== undefined) {
      return { after, before };
    }
  }
  throw new UsageError(
    `'${text}' does not name two segments`,
    'Write AFTER..BEFORE, the last segment before the gap and the first after it, as walq repair lists them.',
  );
}
