/** Opens a source once, reuses it while its directory carries the same identity, and opens it again after a failure. */
import type { MarkedSource } from '../pipeline/mark-flushed.ts';
import { openSource, type OpenSource, type OpenSourceOptions } from '../pipeline/open-source.ts';
import { readIdentity, requireSameIdentity } from '../source/identity.ts';
import type { Source } from '../source/source.ts';
import { createDueView, type DueView } from './due-view.ts';

/** An opened source with its due view. */
export interface OpenView {
  readonly open: OpenSource;
  readonly view: DueView;
}

export class SourceOpener {
  readonly #options: Omit<OpenSourceOptions, 'registerIfNew'>;
  #opened: OpenView | undefined;

  constructor(options: Omit<OpenSourceOptions, 'registerIfNew'>) {
    this.#options = options;
  }

  get current(): OpenView | undefined {
    return this.#opened;
  }

  /** The source, completed by its directory once it was opened. */
  get resolvedSource(): Source {
    return this.#opened?.open.source ?? this.#options.source;
  }

  async open(): Promise<OpenView> {
    if (this.#opened !== undefined) return this.#opened;
    const open = await openSource({ ...this.#options, registerIfNew: true });
    this.#opened = { open, view: createDueView(this.#options.disk, open) };
    return this.#opened;
  }

  /** As `open`; checks first that the directory is still that of the source that was opened before. */
  async openSame(): Promise<OpenView> {
    if (this.#opened !== undefined) {
      await this.assertSameSource(this.#opened).catch(() => this.forget());
    }
    return this.open();
  }

  forget(): void {
    this.#opened = undefined;
  }

  /**
   * What the watermark is written for, also while the archive is unavailable; undefined before the source is
   * registered.
   */
  async marked(): Promise<MarkedSource | undefined> {
    if (this.#opened !== undefined) return this.#opened.open;
    const { disk, source, store } = this.#options;
    // Before the files show an order, a watermark's name has no position in it.
    if (source.naming.rule.kind === 'by-files') return undefined;
    const sourceId = await readIdentity(disk, source);
    return sourceId === undefined ? undefined : { source, sourceId, store };
  }

  /** @throws WalqError `source-unavailable` where its directory is not there, or is another one now */
  async assertSameSource({ open }: OpenView): Promise<void> {
    await requireSameIdentity(this.#options.disk, open);
  }
}
