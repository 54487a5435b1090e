/** Why a role without a Redis that takes its jobs is not ready; in words that its probes show. */
export function redisReasons(redis: string, problem: string | undefined): readonly string[] {
  if (redis === 'ok') return [];
  const what = redis === 'refusing' ? 'redis takes no jobs' : 'redis is unreachable';
  return [problem === undefined ? what : `${what}: ${problem}`];
}
