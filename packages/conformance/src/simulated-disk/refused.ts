/** An error as the system gives it; `code` is the errno. */
export const refused = (code: string, operation: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, syscall: operation, path });
