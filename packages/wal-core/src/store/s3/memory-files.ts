/**
 * Objects that are uploaded or downloaded through memory, because no disk has space for them. A process bounds their
 * total, and further ones wait. A caller must not wait for one while it has another.
 */
import { randomUUID } from 'node:crypto';
import { newMemoryFile, type MemoryFile } from '../../base/disk/memory-file.ts';

export interface NamedMemoryFile {
  /** Names it in messages. */
  readonly path: string;
  readonly memory: MemoryFile;
}

/** Limit for all objects of a process together, and so for one object too. */
export const MEMORY_BYTES_MAX = 128 * 1024 * 1024;

export class MemoryFiles {
  readonly #sizes = new Map<string, number>();
  #waiting: (() => void)[] = [];

  /** @param bytesMax at most `MEMORY_BYTES_MAX` */
  async take(name: string, bytesMax: number): Promise<NamedMemoryFile> {
    while (this.#bytes + bytesMax > MEMORY_BYTES_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const path = `memory:${name}:${randomUUID()}`;
    const memory = newMemoryFile(bytesMax);
    this.#sizes.set(path, bytesMax);
    return { path, memory };
  }

  /** False for the path of a file on a disk. */
  release(path: string): boolean {
    const isOwn = this.#sizes.delete(path);
    if (isOwn) for (const wake of this.#waiting.splice(0)) wake();
    return isOwn;
  }

  get #bytes(): number {
    return [...this.#sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}
