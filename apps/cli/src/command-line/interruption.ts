/**
 * Ends a command on a signal, or when the reader of stdout or the terminal is gone. The first signal aborts the command,
 * which finishes cleanly; the second ends the process immediately.
 */
import { constants } from 'node:os';

/** SIGHUP: the terminal was closed. walq has nothing to reload, so it ends as on SIGTERM. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** Error codes of a write to a pipe without a reader, and to a terminal that is gone. */
const GONE_CODES = ['EPIPE', 'EIO'];
type Reason = (typeof SIGNALS)[number] | 'SIGPIPE';

export class Interruption {
  readonly #controller = new AbortController();
  #reason: Reason | undefined;
  #restore: (() => void) | undefined;

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128 + the number of the signal, as in shells; undefined before a signal. */
  get exitCode(): number | undefined {
    return this.#reason === undefined ? undefined : 128 + constants.signals[this.#reason];
  }

  /** From now on the first signal ends the process, after `restore`. */
  endAtOnce(restore: () => void): void {
    this.#restore = restore;
  }

  /** Restores the terminal, if a command has changed it. */
  restore(): void {
    this.#restore?.();
  }

  /** `note` confirms the first signal to the user. */
  listen(note: (text: string) => void): void {
    for (const name of SIGNALS) process.on(name, () => this.#heard(name, note));
    watchSupervisor(() => this.#heard('SIGTERM', note));
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (!GONE_CODES.includes(error.code ?? '')) throw error;
      this.#reason ??= 'SIGPIPE';
      this.#controller.abort();
    });
    // Without a reader of stderr, only the exit code reports the result.
    process.stderr.on('error', () => undefined);
  }

  #heard(name: (typeof SIGNALS)[number], note: (text: string) => void): void {
    if (this.#restore !== undefined) {
      this.#restore();
      // The default action of the signal, because process.exit would wait for a disk that does not answer.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      return;
    }
    if (this.#controller.signal.aborted) {
      // A closed terminal sends SIGHUP more than once, and systemd may send it right after SIGTERM.
      if (name === 'SIGHUP') return;
      process.exit(128 + constants.signals[name]);
    }
    this.#reason = name;
    // The supervisor prints one line for all its roles.
    if (!isSupervised())
      note(`walq: ${name}: finishing; send the signal again to exit immediately`);
    this.#controller.abort();
  }
}

const isSupervised = (): boolean => process.env['WALQ_SUPERVISED'] === '1';

/**
 * Ends a supervised role as on SIGTERM when its supervisor dies, which closes stdin. Otherwise the role of a killed
 * supervisor would keep running.
 */
function watchSupervisor(ended: () => void): void {
  if (!isSupervised()) return;
  process.stdin.once('close', ended);
  process.stdin.once('error', ended);
  process.stdin.resume();
  // stdin alone must not keep the role alive.
  if ('unref' in process.stdin) process.stdin.unref();
}
