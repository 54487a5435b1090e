/** A failure of the set-up that the user can do something about. */
export class SetupError extends Error {
  /** @param {string} what happened  @param {string} hint what to do next */
  constructor(what, hint, options) {
    super(`${what}\n\nWhat to do: ${hint}`, options);
    this.name = 'SetupError';
  }
}
