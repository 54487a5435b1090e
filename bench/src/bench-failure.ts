/** A measurement that cannot be made here, or whose figures would be worth nothing. Shown like walq's own failures. */
export class BenchFailure extends Error {
  override readonly name = 'BenchFailure';
  readonly code: 'cannot-measure' | 'measurement-void';
  /** What to do. */
  readonly hint: string;

  constructor(code: BenchFailure['code'], message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
