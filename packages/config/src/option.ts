/** The description of an option, kept in its schema: for error messages, `walq check` and the documentation. */
import { z } from 'zod';

export interface OptionMeaning {
  /** What the option does. */
  readonly meaning: string;
  /** The accepted values, as a phrase after "expected". */
  readonly expected: string;
  /** The unit of a number. */
  readonly unit?: string;
  /** As written in the file; absent if the option has no default. */
  readonly default?: string;
}

/** Attaches a description to the schema of one option. */
export function option<S extends z.ZodType>(schema: S, about: OptionMeaning): S {
  return schema.meta({ ...about, description: about.meaning });
}

const meaningSchema = z.object({
  meaning: z.string(),
  expected: z.string(),
  unit: z.string().exactOptional(),
  default: z.string().exactOptional(),
});

/** The description of an option's schema; undefined if the schema is a table. */
export function meaningOf(schema: z.ZodType): OptionMeaning | undefined {
  return meaningSchema.safeParse(schema.meta()).data;
}

/** What is wrong with a key in combination with others; see `describeIssue`. */
export interface KeyProblem {
  readonly words: string;
}

/** Reports a key of a table if the condition is true. */
export function reportKey(
  context: z.RefinementCtx,
  key: string,
  condition: unknown,
  words: string | undefined,
): void {
  if (!condition || words === undefined) return;
  const problem: KeyProblem = { words };
  context.addIssue({ code: 'custom', path: [key], message: words, params: { problem } });
}

/** Reports a value that does not have the expected form, with the reason if there is one. */
export function reportValue(context: z.RefinementCtx, because: string | undefined): void {
  context.addIssue({ code: 'custom', message: because ?? '', params: { because } });
}

/** A string option that `parse` converts. If `parse` returns undefined, it is reported with the reason from `faultOf`. */
export const parsedText = <T>(
  parse: (text: string) => T | undefined,
  faultOf: (text: string) => string | undefined = () => undefined,
) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    reportValue(context, faultOf(text));
    return z.NEVER;
  });

/** An `http://` or `https://` URL, which is used unchanged. */
export const serverUrl = z.string().superRefine((text, context) => {
  const isUrl = /^https?:\/\//i.test(text) && URL.canParse(text);
  const fault = isUrl ? faultOf(text, new URL(text)) : undefined;
  if (!isUrl || fault !== undefined) reportValue(context, fault);
});

function faultOf(text: string, { username, password }: URL): string | undefined {
  if (/[\s\p{Cc}\\]/u.test(text)) return 'contains white space or a backslash';
  if (username !== '' || password !== '')
    return 'contains a user or password; remove the credentials from the URL';
  if (/[?#]/.test(text)) return "contains '?' or '#', which would not be sent";
  return undefined;
}
