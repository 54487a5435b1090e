/**
 * Signals that end a command, and a reader of stdout or a terminal that goes away. The first asks the command to end
 * in order, through its signal; the second ends the process at once.
 */
import { constants } from 'node:os';

/** SIGHUP: the terminal was closed. walq has nothing to reload, so it ends as on SIGTERM. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** What writing to a pipe without a reader, and to a terminal that is gone, fails with. */
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

  /** As shells count, 128 and the signal's number; undefined while nobody interrupted. */
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
    // Nobody reads the messages either; the exit code still says what happened.
    process.stderr.on('error', () => undefined);
  }

  #heard(name: (typeof SIGNALS)[number], note: (text: string) => void): void {
    if (this.#restore !== undefined) {
      this.#restore();
      // By the signal's default action: process.exit would wait for a disk that does not answer.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      return;
    }
    if (this.#controller.signal.aborted) {
      // A closed terminal sends it more than once, and systemd may right after SIGTERM: it never means "at once".
      if (name === 'SIGHUP') return;
      process.exit(128 + constants.signals[name]);
    }
    this.#reason = name;
    // The supervisor of a role has printed it for all of them.
    if (!isSupervised())
      note(`walq: ${name}: finishing; send the signal again to exit immediately`);
    this.#controller.abort();
  }
}

const isSupervised = (): boolean => process.env['WALQ_SUPERVISED'] === '1';

/**
 * In a supervised role: the supervisor's end closes stdin, also when it was killed and could say
 * nothing. The role then ends as on SIGTERM instead of living on unseen.
 */
function watchSupervisor(ended: () => void): void {
  if (!isSupervised()) return;
  process.stdin.once('close', ended);
  process.stdin.once('error', ended);
  process.stdin.resume();
  // Waiting for this alone keeps no role alive.
  if ('unref' in process.stdin) process.stdin.unref();
}
