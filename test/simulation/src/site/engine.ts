/** A storage engine: writes segments durably, and says what is flushed. One thing after another. */
import { isMissing, type Disk } from '@walq/wal-core/internal';
import { nameOf, numberOf, type SourceTruth } from './truth.ts';

export class Engine {
  readonly #truth: SourceTruth;
  readonly #disk: Disk;
  readonly #contentOf: (file: string) => string | undefined;
  #last: Promise<void> = Promise.resolve();
  #flushed: (segment: string) => void = () => undefined;

  /** @param contentOf what a file of the source's directory holds now, without a call */
  constructor(truth: SourceTruth, disk: Disk, contentOf: (file: string) => string | undefined) {
    this.#truth = truth;
    this.#disk = disk;
    this.#contentOf = contentOf;
  }

  start(flushed: (segment: string) => void): void {
    this.#flushed = flushed;
    // After a restart an engine says again what is flushed.
    if (this.#truth.flushed > 0 && !this.#truth.isReset) flushed(nameOf(this.#truth.flushed));
  }

  write(content: string): void {
    this.#inTurn(async () => {
      if (!this.#truth.isReset) await this.#write(content);
    });
  }

  /** All but so many of the newest. */
  flush(behind: number): void {
    this.#inTurn(async () => {
      const upTo = this.#truth.sealed - behind;
      if (upTo <= this.#truth.flushed || this.#truth.isReset) return;
      this.#truth.markFlushed(upTo, this.#contentOf);
      this.#flushed(nameOf(upTo));
    });
  }

  /**
   * Starts its count again, with fewer segments than were flushed; a person has to act on that. Not before the
   * watermark on the disk says so much: of what was only said to a process, no other one can know.
   */
  reset(): void {
    this.#inTurn(async () => {
      const truth = this.#truth;
      const { sealed, flushed } = truth;
      if (truth.isReset || flushed < 2 || this.#watermark() < flushed) return;
      truth.isReset = true;
      truth.flushed = 0;
      truth.sealed = 0;
      for (let number = sealed; number >= 1; number -= 1) await this.#remove(number);
      for (let number = 1; number < flushed; number += 1) await this.#write(`again ${number}`);
    });
  }

  /** A sealed segment is put back by hand with other content, as by an operator's mistake. */
  rewrite(content: string): void {
    this.#inTurn(async () => {
      const name = await this.#lowestThere();
      if (name === undefined) return;
      const temporary = await this.#createTemporary(content);
      this.#truth.markRewritten(name, content);
      if (await this.#isThere(this.#path(name)))
        await this.#disk.rename(temporary, this.#path(name));
      await this.#disk.syncDirectory(this.#truth.source.directory);
    });
  }

  async #write(content: string): Promise<void> {
    const number = this.#truth.sealed + 1;
    const name = nameOf(number);
    this.#truth.note(name, content);
    const path = this.#path(name);
    // What a crash left of it was never sealed. It is replaced, not removed: walq may be deleting the one below it.
    if (await this.#isThere(path)) {
      await this.#disk.rename(await this.#createTemporary(content), path);
    } else await this.#create(path, content);
    await this.#disk.syncDirectory(this.#truth.source.directory);
    this.#truth.sealed = number;
  }

  async #createTemporary(content: string): Promise<string> {
    const temporary = this.#path('.new');
    await this.#remove(temporary);
    await this.#create(temporary, content);
    return temporary;
  }

  async #create(path: string, content: string): Promise<void> {
    const file = await this.#disk.openNew(path);
    await file.write(Buffer.from(content, 'latin1'), 0);
    await file.sync();
    await file.close();
  }

  async #remove(segment: number | string): Promise<void> {
    const path = typeof segment === 'number' ? this.#path(nameOf(segment)) : segment;
    await this.#disk.unlink(path).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  async #lowestThere(): Promise<string | undefined> {
    for (let number = 1; number <= this.#truth.sealed; number += 1) {
      if (await this.#isThere(this.#path(nameOf(number)))) return nameOf(number);
    }
    return undefined;
  }

  #isThere(path: string): Promise<boolean> {
    return this.#disk.lstat(path).then(
      () => true,
      () => false,
    );
  }

  /** The number that the watermark on the disk says; 0 where there is none. */
  #watermark(): number {
    const text = this.#contentOf('.walq/watermark.json') ?? '';
    const said = /"segment":"(?<name>[^"]+)"/.exec(text)?.groups?.['name'] ?? '';
    return numberOf(said) ?? 0;
  }

  #path(name: string): string {
    return `${this.#truth.source.directory}/${name}`;
  }

  #inTurn(work: () => Promise<void>): void {
    this.#last = this.#last.then(work);
  }
}
