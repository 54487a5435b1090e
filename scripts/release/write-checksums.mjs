import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** SHA256SUMS, as `sha256sum --check` takes it; gives its lines with the sizes. */
export async function writeChecksums(out) {
  const lines = [];
  const shown = [];
  for (const name of (await readdir(out)).toSorted()) {
    const bytes = await readFile(join(out, name));
    const sum = createHash('sha256').update(bytes).digest('hex');
    lines.push(`${sum}  ${name}`);
    shown.push(`release  ${(bytes.length / 1e6).toFixed(1).padStart(6)} MB  ${name}`);
  }
  await writeFile(join(out, 'SHA256SUMS'), `${lines.join('\n')}\n`);
  return shown;
}
