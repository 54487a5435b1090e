/**
 * Distinguishes a PostgreSQL instance from its clone. The records that walq keeps next to a data directory name the
 * machine, path and cluster they were made for. A clone that was copied with them does not match.
 */
import * as v from 'valibot';
import { readLinkedFile } from '../base/disk/read-small-file.ts';
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { readCluster } from './postgres/control-file.ts';
import type { ReadyRule, Source } from './source.ts';

export const bindingSchema = v.looseObject({
  dataDirectory: v.string(),
  systemIdentifier: v.string(),
  /** The machine's id; empty where it has none, as in many containers. */
  machineId: v.string(),
});

export type Binding = v.InferOutput<typeof bindingSchema>;

const MACHINE_ID = '/etc/machine-id';

/** The current binding. Rejects with `source-unavailable` when the data directory cannot be read. */
export async function bindingOf(disk: Disk, { dataDirectory }: ReadyRule): Promise<Binding> {
  const { systemIdentifier } = await readCluster(disk, dataDirectory);
  const machineId = (await readLinkedFile(disk, MACHINE_ID))?.trim() ?? '';
  return { dataDirectory, systemIdentifier, machineId };
}

/** @throws WalqError `source-identity-mismatch` when the records were made for another instance */
export function assertSameBinding(source: Source, made: Binding | undefined, now: Binding): void {
  const other = made === undefined ? 'an unknown instance' : difference(made, now);
  if (other === undefined) return;
  throw new WalqError('source-identity-mismatch', {
    message: `source '${source.name}' is not the instance that walq knows by this name: its records were made for ${other}`,
    hint: `If this is a copy, give it a source name or an archive of its own. If it may archive here, run walq adopt ${source.name}.`,
  });
}

function difference(made: Binding, now: Binding): string | undefined {
  if (made.systemIdentifier !== now.systemIdentifier) {
    return `system identifier ${made.systemIdentifier}, ${now.dataDirectory} has ${now.systemIdentifier}`;
  }
  if (made.dataDirectory !== now.dataDirectory) {
    return `${made.dataDirectory}, this is ${now.dataDirectory}`;
  }
  return made.machineId === now.machineId ? undefined : 'another machine';
}
