/** How much a command writes in addition to its data and its errors: set once, from `-q` and `-v`. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';

let current: Verbosity = 'normal';

export const setVerbosity = (verbosity: Verbosity): void => void (current = verbosity);

/** Neither progress nor notes. */
export const isQuiet = (): boolean => current === 'quiet';

/** Each step too. */
export const isVerbose = (): boolean => current === 'verbose';
