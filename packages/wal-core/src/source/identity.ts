import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { uuid } from '../base/record-fields.ts';
import { createFileDurably, writeFileDurably } from '../base/disk/write-file-durably.ts';
import { readSmallFile } from '../base/disk/read-small-file.ts';
import type { Disk } from '../base/disk/disk.ts';
import { ifPresent, isExisting, reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { jsonRecord } from '../base/json-record.ts';
import { bindingOf, bindingSchema, assertSameBinding } from './instance-binding.ts';
import { walqDirectory, type Source } from './source.ts';

const format = jsonRecord({
  sourceId: uuid,
  boundTo: v.optional(bindingSchema),
});

const identityPath = (source: Source): string => join(walqDirectory(source), 'source.json');

/** The UUID of the source; undefined where the directory has none because it is new or not mounted. */
export async function readIdentity(disk: Disk, source: Source): Promise<string | undefined> {
  const text = await readSmallFile(disk, identityPath(source)).catch((cause: unknown) => {
    throw unavailable(source, reasonOf(cause), cause);
  });
  if (text === undefined) return undefined;
  const { sourceId, boundTo } = parseIdentity(source, text);
  if (source.sealedRule.kind === 'ready') {
    assertSameBinding(source, boundTo, await bindingOf(disk, source.sealedRule));
  }
  return sourceId;
}

function parseIdentity(source: Source, text: string): ReturnType<typeof format.parse> {
  try {
    return format.parse(text);
  } catch (cause) {
    throw unavailable(source, `${identityPath(source)} is damaged`, cause);
  }
}

/** As `readIdentity`, for callers that may not create one: a source without identity is unavailable. */
export async function requireIdentity(disk: Disk, source: Source): Promise<string> {
  const id = await readIdentity(disk, source);
  if (id === undefined) throw noIdentity(source);
  return id;
}

export const noIdentity = (source: Source): WalqError =>
  new WalqError('source-unavailable', {
    message: `source '${source.name}' is not available: ${source.directory} has no identity (${identityPath(source)})`,
    hint: `Check that ${source.directory} is mounted. If the source is new, start walq producer, which creates its identity.`,
  });

/** For each opened source, its identity's file as it was when the identity was last read. */
const lastRead = new WeakMap<object, string>();

/**
 * Proves that the directory is still that of the source that was opened. In an unmounted directory nothing is due
 * and every segment is missing. An identity's file that has not changed is not read again: that would take four calls.
 *
 * @throws WalqError `source-unavailable`
 */
export async function requireSameIdentity(
  disk: Disk,
  opened: { readonly source: Source; readonly sourceId: string },
): Promise<void> {
  const { source, sourceId } = opened;
  // The directory of a PostgreSQL source may also be bound to another instance now.
  const isBound = source.sealedRule.kind === 'ready';
  const state = isBound ? undefined : await stateOfIdentity(disk, source);
  if (state !== undefined && lastRead.get(opened) === state) return;
  if ((await requireIdentity(disk, source)) !== sourceId) {
    throw unavailable(source, `${source.directory} has a different identity than before`);
  }
  if (state !== undefined) lastRead.set(opened, state);
}

async function stateOfIdentity(disk: Disk, source: Source): Promise<string | undefined> {
  const state = await ifPresent(disk.lstat(identityPath(source)), (cause) =>
    unavailable(source, reasonOf(cause), cause),
  );
  if (state === undefined) return undefined;
  const { device, inode, size, mtimeNs, ctimeNs } = state;
  return [device, inode, size, mtimeNs, ctimeNs].join(' ');
}

/**
 * Gives a new source its UUID; callers that do so at the same time all get the same one. The directory itself must
 * exist: one that is not mounted is not created.
 */
export async function createIdentity(disk: Disk, source: Source): Promise<string> {
  try {
    await disk.lstat(source.directory);
    await disk.makeDirectory(walqDirectory(source)).catch(explainUnwritable(source));
    await createUnlessThere(disk, identityPath(source), await newIdentity(disk, source));
    await makeIdentityDurable(disk, source);
  } catch (cause) {
    throw cause instanceof WalqError ? cause : unavailable(source, reasonOf(cause), cause);
  }
  return requireIdentity(disk, source);
}

/**
 * Gives a source a new UUID, in place of the one in its records. For a copy of another source's directory that is now
 * a source of its own.
 */
export async function renewIdentity(disk: Disk, source: Source): Promise<string> {
  await createIdentity(disk, source).catch((error: unknown) => {
    if (!(error instanceof WalqError && error.code === 'source-identity-mismatch')) throw error;
  });
  await writeFileDurably(disk, identityPath(source), await newIdentity(disk, source));
  return requireIdentity(disk, source);
}

async function newIdentity(disk: Disk, { sealedRule }: Source): Promise<string> {
  const boundTo = sealedRule.kind === 'ready' ? await bindingOf(disk, sealedRule) : undefined;
  return format.text({ sourceId: randomUUID(), boundTo });
}

/** The state directory is next to the data directory, where its owner may not be allowed to create anything. */
const explainUnwritable =
  (source: Source) =>
  (cause: unknown): never => {
    if (source.sealedRule.kind !== 'ready') throw cause;
    throw new WalqError('source-unavailable', {
      message: `unable to create '${walqDirectory(source)}' for the records of source '${source.name}': ${reasonOf(cause)}`,
      hint: `Create it for the user that runs PostgreSQL, or set state = "…" in [sources.${source.name}] to a directory that survives a restart of the server.`,
      cause,
    });
  };

async function createUnlessThere(disk: Disk, path: string, identity: string): Promise<void> {
  await createFileDurably(disk, path, identity).catch((error: unknown) => {
    if (!isExisting(error)) throw error;
  });
}

/** An identity that another process created may not be durable yet: that process may have died before its fsync. */
export async function makeIdentityDurable(disk: Disk, source: Source): Promise<void> {
  const directory = walqDirectory(source);
  await disk.syncFile(identityPath(source));
  await disk.syncDirectory(directory);
  await disk.syncDirectory(dirname(directory));
}

function unavailable(source: Source, why: string, cause?: unknown): WalqError {
  return new WalqError('source-unavailable', {
    message: `source '${source.name}' is not available: ${why}`,
    cause,
  });
}
