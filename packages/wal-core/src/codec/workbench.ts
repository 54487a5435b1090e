/** The buffers and codecs of one thread, allocated once and used for one task at a time. */
import { FrameEncoder } from './frame-encoder.ts';
import { FrameDecoder } from './frame-decoder.ts';
import type { Disk } from '../base/disk/disk.ts';

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
