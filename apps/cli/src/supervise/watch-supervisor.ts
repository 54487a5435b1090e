/**
 * In a supervised role: the supervisor's end closes stdin, also when it was killed and could say
 * nothing. The role then ends as on SIGTERM instead of living on unseen.
 */
export function watchSupervisor(ended: () => void): void {
  if (process.env['WALQ_SUPERVISED'] !== '1') return;
  process.stdin.once('close', ended);
  process.stdin.once('error', ended);
  process.stdin.resume();
  // Waiting for this alone keeps no role alive.
  if ('unref' in process.stdin) process.stdin.unref();
}
