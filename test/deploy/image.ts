/** Reads environment, user and entrypoint of the image from deploy/Containerfile. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const deploy = join(import.meta.dirname, '../../deploy');

export interface Image {
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
}

export async function readImage(): Promise<Image> {
  const text = await readFile(join(deploy, 'Containerfile'), 'utf8');
  const last = text.slice(text.lastIndexOf('\nFROM')).replaceAll(/\\\n\s*/g, '');
  const line = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(last)?.[1] ?? '';
  const env = Object.fromEntries(
    line('ENV')
      .split(' ')
      .map((pair) => pair.split('=', 2)),
  );
  return {
    // Docker sets HOME=/ for a user without a home directory; nothing can be written there.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/', ...(env as Record<string, string>) },
    user: line('USER'),
    entrypoint: JSON.parse(line('ENTRYPOINT')) as string[],
  };
}

/** The user of `1000:1000`. */
export function userOf(text: string): { readonly uid: number; readonly gid: number } {
  const [uid, gid = uid] = text.split(':').map(Number);
  if (uid === undefined || gid === undefined) throw new Error(`${text} is not a user`);
  return { uid, gid };
}
