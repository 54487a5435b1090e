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
    return { suite, passed: 0, failed: 1, skipped: 0, complaint: `not readable: ${error.message}` };
  }
}

/** A run that failed without a failing test (a hook, a file, a leak) counts as one failure. */
function counts(result) {
  const { numPassedTests: passed, numPendingTests, numTodoTests = 0, testResults = [] } = result;
  const outside = testResults.filter(failedOutsideItsTests).length;
  const failed = result.numFailedTests + outside;
  const skipped = numPendingTests + numTodoTests;
  const { complaints } = result;
  if (complaints) return { passed, failed, skipped, complaint: complaints.join('; ') };
  if (outside > 0)
    return { passed, failed, skipped, complaint: `${outside} failed outside a test` };
  if (testResults.length === 0) return { passed, failed, skipped, complaint: 'no tests' };
  if (failed > 0 || result.success) return { passed, failed, skipped };
  return { passed, failed: 1, skipped, complaint: 'the run failed outside its tests' };
}

function failedOutsideItsTests({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
}
