import { readFile, writeFile } from 'node:fs/promises';

/** Damages one byte of a file; `at` counts from its end where it is negative. */
export async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const index = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(index) ^ 0x10, index);
  await writeFile(path, bytes);
}
