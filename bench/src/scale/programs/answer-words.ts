/** How a program of the measurements talks with the process that started it. */
export const given = <T>(): T => JSON.parse(process.argv[2] ?? '{}') as T;

/** Says that it is ready, answers each word, and ends on SIGTERM or with its parent. */
export function answerWords(answer: (word: string) => unknown, close: () => Promise<void>): void {
  const end = async (): Promise<void> => {
    await close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.once('disconnect', () => void end());
  process.on('message', (word: string) => process.send?.(answer(word) ?? null));
  process.send?.('ready');
}
