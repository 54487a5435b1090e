/** Reads a simulated filesystem without a call: nobody waits for it, and nothing changes. */
import type { SimulatedFilesystem } from '@walq/conformance';
import zstd from 'zstd-napi';

type Directory = SimulatedFilesystem['root'];
type Content = ReturnType<SimulatedFilesystem['newFile']>['content'];

const BYTES_MAX = 64 * 1024;

/** What stands there now, or what a power cut would leave of it for certain. */
type Seen = 'entries' | 'durable';

function directoryAt(
  filesystem: SimulatedFilesystem,
  path: string,
  seen: Seen,
): Directory | undefined {
  let at: Directory = filesystem.root;
  for (let start = 1; start < path.length;) {
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    const node = at[seen].get(path.slice(start, end));
    if (node?.kind !== 'directory') return undefined;
    at = node;
    start = end + 1;
  }
  return at;
}

function fileAt(filesystem: SimulatedFilesystem, path: string, seen: Seen): Content | undefined {
  const slash = path.lastIndexOf('/');
  const directory = directoryAt(filesystem, path.slice(0, slash), seen);
  const node = directory?.[seen].get(path.slice(slash + 1));
  return node?.kind === 'file' ? node.content : undefined;
}

/** Contents of a file; undefined where there is none. */
export const contentAt = (filesystem: SimulatedFilesystem, path: string): Buffer | undefined =>
  bytesOf(fileAt(filesystem, path, 'entries'));

/** What a file holds after a power cut that leaves nothing but what has to be left. */
export const durableContentAt = (
  filesystem: SimulatedFilesystem,
  path: string,
): Buffer | undefined => bytesOf(fileAt(filesystem, path, 'durable')?.afterCrash(() => false));

function bytesOf(content: Content | undefined): Buffer | undefined {
  if (content === undefined) return undefined;
  const buffer = Buffer.alloc(Math.min(BYTES_MAX, content.sizeBytes));
  content.read(buffer, 0);
  return buffer;
}

export const namesAt = (filesystem: SimulatedFilesystem, path: string): readonly string[] => [
  ...(directoryAt(filesystem, path, 'entries')?.entries.keys() ?? []),
];

/** The names that a power cut leaves for certain. */
export const durableNamesAt = (
  filesystem: SimulatedFilesystem,
  path: string,
): readonly string[] => [...(directoryAt(filesystem, path, 'durable')?.durable.keys() ?? [])];

/** Objects decoded before, by their bytes: the same objects are read again and again. */
const known = new Map<string, string | undefined>();
const KNOWN_MAX = 256;

/** What any zstd makes of an object: walq's own decoder is not asked. Undefined where it is not whole. */
export function decoded(object: Buffer | undefined): string | undefined {
  if (object === undefined) return undefined;
  const bytes = object.toString('latin1');
  if (known.has(bytes)) return known.get(bytes);
  const plain = decompressed(object);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(bytes, plain);
  return plain;
}

function decompressed(object: Buffer): string | undefined {
  try {
    return zstd.decompress(object).toString('latin1');
  } catch {
    return undefined;
  }
}
