/** The Standard Schema interface (v1), types only: zod, valibot, arktype and the like fit it without an adapter. */

export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaOutcome<Output> | Promise<SchemaOutcome<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the value as it goes on, or what is wrong with it. */
export type SchemaOutcome<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  /** Where in the value. @default the value itself */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a publisher hands in. */
export type InputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input'];

/** What subscribers receive: the schema's output, with its defaults and transformations applied. */
export type OutputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output'];

/**
 * A payload type without a run-time check, for values that only your own code publishes.
 *
 * @example log({ events: { greeting: type<{ text: string }>() } })
 */
export function type<T>(): StandardSchema<T> {
  const validate = (value: unknown): SchemaOutcome<T> => (isTrusted<T>(value) ? { value } : { issues: [] });
  return { '~standard': { version: 1, vendor: 'fanfare', validate } };
}

/** Always: `type<T>()` promises T on the word of its caller. */
function isTrusted<T>(_value: unknown): _value is T {
  return true;
}

/** `tags.0.name` of an issue's path; '' for the value itself. */
export function issuePath(issue: SchemaIssue): string {
  return (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
}
