/** Mutation testing, for `npm run mutate`: in place, because tests enter a package through its built files. */
export default {
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { related: false },
  inPlace: true,
  coverageAnalysis: 'perTest',
  // Code that runs once when a file is loaded would have to be loaded again for each mutant.
  ignoreStatic: true,
  // Words of messages are no promise.
  mutator: { excludedMutations: ['StringLiteral', 'ObjectLiteral'] },
  concurrency: 1,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { logTests: false, reportTests: false },
};
