/** What the schema of an option says of it, for problems, `walq check` and the documentation. */
import { z } from 'zod';

export interface OptionMeaning {
  /** What the option does, as a phrase. */
  readonly meaning: string;
  /** What is accepted, so that "expected …" reads well. */
  readonly expected: string;
  /** Of a number. */
  readonly unit?: string;
  /** As written in the file; absent where an option may be left out and then is off. */
  readonly default?: string;
}

/** Attaches its meaning to the schema of one option. */
export function option<S extends z.ZodType>(schema: S, about: OptionMeaning): S {
  return schema.meta({ ...about, description: about.meaning });
}

const meaningSchema = z.object({
  meaning: z.string(),
  expected: z.string(),
  unit: z.string().exactOptional(),
  default: z.string().exactOptional(),
});

/** The meaning attached to a schema; undefined where it is a table and not an option. */
export function meaningOf(schema: z.ZodType): OptionMeaning | undefined {
  return meaningSchema.safeParse(schema.meta()).data;
}

/** What is wrong with a key beside its neighbours, in words of its own; see `describeIssue`. */
export interface KeyProblem {
  readonly words: string;
}

/** Refuses a key of a table when the condition holds. */
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

/** Refuses a value that is not of the expected form, with the reason where there is one. */
export function reportValue(context: z.RefinementCtx, because: string | undefined): void {
  context.addIssue({ code: 'custom', message: because ?? '', params: { because } });
}

/** A text that `parse` turns into something better; refused where it gives undefined, for the reason that `faultOf` knows. */
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

/** An `http://` or `https://` URL that is used as it stands. */
export const serverUrl = z.string().superRefine((text, context) => {
  const isUrl = /^https?:\/\//i.test(text) && URL.canParse(text);
  const fault = isUrl ? faultOf(text, new URL(text)) : undefined;
  if (!isUrl || fault !== undefined) reportValue(context, fault);
});

function faultOf(text: string, { username, password }: URL): string | undefined {
  if (/[\s\p{Cc}\\]/u.test(text)) return 'holds white space or a backslash';
  if (username !== '' || password !== '') return 'names a user; credentials do not belong there';
  if (/[?#]/.test(text)) return "has a '?' or '#', which would not be sent";
  return undefined;
}
