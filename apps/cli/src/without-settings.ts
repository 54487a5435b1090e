/**
 * Takes away what the environment says of a configuration, for commands that bring their own: an archive
 * that it names is not for what they write. `undefined` takes a variable away.
 */
export const withoutSettings = (
  isKept: (name: string) => boolean = () => false,
): Readonly<Record<string, undefined>> =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('WALQ_') && name.includes('__') && !isKept(name))
      .map((name) => [name, undefined]),
  );
