const CRLF_LENGTH = 2;

/** Splits what a Redis client sends into whole commands. */
export class RequestFrames {
  #rest: Buffer = Buffer.alloc(0);

  take(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Buffer[] = [];
    for (;;) {
      const end = endOfFrame(this.#rest);
      if (end === undefined) return frames;
      frames.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** Where the first command ends; undefined while a part of it is still to come. */
function endOfFrame(bytes: Buffer): number | undefined {
  const head = numberAt(bytes, 0);
  if (head === undefined) return undefined;
  let { at } = head;
  for (let left = head.value; left > 0; left -= 1) {
    const length = numberAt(bytes, at);
    if (length === undefined) return undefined;
    at = length.at + length.value + CRLF_LENGTH;
  }
  return at <= bytes.length ? at : undefined;
}

/** The number of a line such as `*3` or `$11`, and where the line ends. */
function numberAt(bytes: Buffer, from: number): { value: number; at: number } | undefined {
  const end = bytes.indexOf('\r\n', from);
  if (end === -1) return undefined;
  return { value: Number(bytes.toString('latin1', from + 1, end)), at: end + CRLF_LENGTH };
}
