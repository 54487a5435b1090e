/** Adds counts of tests up. */
export function sum(results) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of results) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** What failed in each suite, a line each. */
export function complaints(results) {
  return results.flatMap(({ suite, complaints }) => complaints.map((text) => `${suite}: ${text}`));
}

export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Whether tests ran and none failed; none may be skipped where CI=true. */
export function isGood({ passed, failed, skipped }) {
  const skippedTooMany = process.env.CI === 'true' && skipped > 0;
  return passed > 0 && failed === 0 && !skippedTooMany;
}
