/** What streaming is compared with: each file read, compressed and written as a whole, blocking the caller. */
import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compress } from 'zstd-napi';

/** Neither proves nor fsyncs anything. */
export function compressWhole(
  directory: string,
  archiveUrl: string,
  upTo: string,
  compressionLevel: number,
): void {
  const archive = join(fileURLToPath(archiveUrl), 'bench');
  mkdirSync(archive, { recursive: true });
  for (const name of readdirSync(directory).toSorted()) {
    if (name.startsWith('.') || name > upTo) continue;
    const path = join(directory, name);
    const compressed = compress(readFileSync(path), { compressionLevel });
    writeFileSync(join(archive, `${name}.zst`), compressed);
    unlinkSync(path);
  }
}
