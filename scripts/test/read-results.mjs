import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** The counts of each suite with results in `folder`; none when the folder is not there. */
export async function readResults(folder) {
  const names = await readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
  return await Promise.all(files.map(readResult));
}

async function readResult(file) {
  const suite = basename(file, '.json');
  try {
    return { suite, ...counts(JSON.parse(await readFile(file, 'utf8'))) };
  } catch (error) {
    return {
      suite,
      passed: 0,
      failed: 1,
      skipped: 0,
      complaints: [`not readable: ${error.message}`],
    };
  }
}

/** A run that failed without a failing test (a hook, a file, a leak) counts as one failure. */
function counts(result) {
  const { numPassedTests: passed, numPendingTests, numTodoTests = 0, testResults = [] } = result;
  const skipped = numPendingTests + numTodoTests;
  const outside = testResults.filter(failedOutsideItsTests).length;
  const failed = result.numFailedTests + outside;
  if (result.complaints) return { passed, failed, skipped, complaints: result.complaints };
  const complaints = testResults.flatMap(failuresOf);
  if (outside > 0) complaints.push(`${outside} failed outside a test`);
  if (testResults.length === 0) complaints.push('no tests');
  if (failed > 0 || result.success || testResults.length === 0)
    return { passed, failed, skipped, complaints };
  return { passed, failed: 1, skipped, complaints: ['the run failed outside its tests'] };
}

function failedOutsideItsTests({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
}

/** Each failed test of a file: its name, and the first line of why. */
function failuresOf({ name, assertionResults }) {
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  return failed.map(({ fullName, failureMessages: [why = ''] }) => {
    return `${basename(name)}: ${fullName}: ${why.split('\n', 1)[0]}`;
  });
}
