/**
 * Who may write to a source and its archive. Files belong to the user who runs the command, with no access for
 * others, so files that root leaves there lock the owner out. Such a command fails before it opens anything, and the
 * hint names the command to run instead.
 */
import { parseFileUrl, shellWord, WalqError, type Source } from '@walq/wal-core/light';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hostname, userInfo } from 'node:os';
import type { Call } from '../command-line/command.ts';

interface Place {
  readonly path: string;
  readonly what: string;
}

const ROOT = 0;
/** An NFS server shows this owner for files that it does not let root own. */
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
 * For a destination directory, which may not exist yet.
 * @throws WalqError `other-user` for root if another user owns it or its nearest existing parent
 */
export async function assertMayRestoreTo(call: Pick<Call, 'argv'>, path: string): Promise<void> {
  let nearest = resolve(path);
  while ((await ownerOf(nearest)) === undefined && nearest !== dirname(nearest)) {
    nearest = dirname(nearest);
  }
  await assertOwner(call, { path: nearest, what: 'the destination' }, false);
}

/** Whether a directory belongs to this user; true if it does not exist. */
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
  // A user other than root creates only what the owner permits.
  if (own !== ROOT && !ownerAlone) return;
  const [user, other] = await Promise.all([userName(owner), userName(own)]);
  const command = ['walq', ...argv].map(shellWord).join(' ');
  throw new WalqError('other-user', {
    message: `${what}, ${path}, belongs to user ${user}, who could not write the files of user ${other}`,
    hint: `Run the command as that user: sudo -u ${shellWord(user)} ${command}. In a service or a container, set the user there.`,
  });
}

/** Undefined if the path does not exist or cannot be read: later steps report that. */
async function ownerOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ uid }) => uid,
    () => undefined,
  );
}

/** In the form that sudo accepts; `#999` for a user without a name. */
export async function userName(uid: number): Promise<string> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = users.split('\n').find((one) => one.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? `#${uid}`;
}

/** The operator for the record, `user@host`. In a container the user may have no name. */
export function whoRepairs(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
