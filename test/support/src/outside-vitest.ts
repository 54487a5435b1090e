/** The environment without what vitest put in, so that a child runs as in production. */
export function outsideVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !isOfVitest(name));
  return Object.fromEntries(kept);
}

function isOfVitest(name: string): boolean {
  return /^(VITEST($|_)|NODE_ENV$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$|NODE_OPTIONS$|WALQ_(SOAK|SCREENSHOTS))/.test(
    name,
  );
}
