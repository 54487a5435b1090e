/** What one thread works with, allocated once and used for every segment: one task at a time. */
import { FrameEncoder } from '../compress/frame-encoder.ts';
import { FrameDecoder } from '../confirm/frame-decoder.ts';
import type { Disk } from '../disk/index.ts';

const CHUNK_BYTES = 256 * 1024;

export class Workbench {
  readonly disk: Disk;
  readonly chunk = new Uint8Array(CHUNK_BYTES);
  readonly encoder = new FrameEncoder();
  readonly decoder = new FrameDecoder();

  constructor(disk: Disk) {
    this.disk = disk;
  }
}
