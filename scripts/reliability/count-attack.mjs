/** Cases that an attack's tests tried in a run, and how many of them failed: a failed test is one. */
export function countAttack({ files, tests = /(?:)/ }, results) {
  const of = results
    .filter(({ file }) => file.startsWith(files))
    .filter(({ title, fullName }) => tests.test(title) || tests.test(fullName));
  const passed = of.filter(({ status }) => status === 'passed');
  const cases = passed.reduce((sum, { meta }) => sum + (meta?.cases ?? 1), 0);
  return { cases, failed: of.filter(({ status }) => status === 'failed').length };
}
