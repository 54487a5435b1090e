/**
 * Who may act on a source and its archive. What a command makes there belongs to its user, and is closed to others:
 * files that root leaves beside a data directory lock its owner out. So such a command is refused before it opens
 * anything, with the one to run instead.
 */
import { parseFileUrl, shellWord, WalqError, type Source } from '@walq/wal-core/internal';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hostname, userInfo } from 'node:os';
import type { Call } from '../command-line/command.ts';

interface Place {
  readonly path: string;
  readonly what: string;
}

const ROOT = 0;
/** Of no user: an NFS server shows so what it does not let root own. */
const NOBODY = 65_534;

type ActedOn = Source & { readonly archiveUrl: string };

/** @throws WalqError `other-user` for a data directory of another user, and for root where others own the files */
export async function assertMayWrite(
  call: Pick<Call, 'argv'>,
  ...sources: readonly ActedOn[]
): Promise<void> {
  for (const source of sources) {
    await assertOwner(call, placeOf(source), source.sealedRule.kind === 'ready');
    await assertMayWriteArchive(call, source.archiveUrl);
  }
}

/** @throws WalqError `other-user` for root where another user owns the archive's directory */
export async function assertMayWriteArchive(
  call: Pick<Call, 'argv'>,
  archiveUrl: string,
): Promise<void> {
  const path = archiveUrl.startsWith('file:') ? parseFileUrl(archiveUrl).path : undefined;
  if (path !== undefined) await assertOwner(call, { path, what: 'the archive' }, false);
}

/**
 * Where files are to come into a directory, which may be made for them.
 * @throws WalqError `other-user` for root where another user owns it, or the directory that it would be made in
 */
export async function assertMayRestoreTo(call: Pick<Call, 'argv'>, path: string): Promise<void> {
  let nearest = resolve(path);
  while ((await ownerOf(nearest)) === undefined && nearest !== dirname(nearest)) {
    nearest = dirname(nearest);
  }
  await assertOwner(call, { path: nearest, what: 'the destination' }, false);
}

/** Whether a directory is this user's; true where there is none. */
export async function isOwn(path: string): Promise<boolean> {
  const owner = await ownerOf(path);
  return owner === undefined || owner === process.geteuid?.();
}

const placeOf = ({ name, directory, sealedRule }: Source): Place =>
  sealedRule.kind === 'ready'
    ? { path: sealedRule.dataDirectory, what: `the data directory of source '${name}'` }
    : { path: directory, what: `source '${name}'` };

async function assertOwner(
  { argv }: Pick<Call, 'argv'>,
  { path, what }: Place,
  ownerAlone: boolean,
): Promise<void> {
  const own = process.geteuid?.();
  const owner = await ownerOf(path);
  if (own === undefined || owner === undefined || owner === own || owner === NOBODY) return;
  // Another user without root's rights makes only what the owner has let it make.
  if (own !== ROOT && !ownerAlone) return;
  const [user, other] = await Promise.all([userName(owner), userName(own)]);
  const command = ['walq', ...argv].map(shellWord).join(' ');
  throw new WalqError('other-user', {
    message: `${what}, ${path}, belongs to user ${user}; this is user ${other}, whose files user ${user} could not write`,
    hint: `Run it as that user: sudo -u ${shellWord(user)} ${command}. In a service or a container, set that user there.`,
  });
}

/** Undefined where there is nothing, or nothing that can be looked at: others say so. */
async function ownerOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ uid }) => uid,
    () => undefined,
  );
}

/** As sudo takes it; `#999` for a user that has no name. */
export async function userName(uid: number): Promise<string> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = users.split('\n').find((one) => one.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? `#${uid}`;
}

/** Who repairs, for the record: `user@host`. A container may have no name for its user. */
export function whoRepairs(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
