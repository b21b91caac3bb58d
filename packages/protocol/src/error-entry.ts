/** The shape of one entry of the error catalogue [PROTOCOL §9]. */
export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number;
  /** The same request may succeed later, unchanged. */
  readonly retry: boolean;
  /** Message. `{field}` is filled from the details; `[...]` is left out unless every placeholder in it is filled. */
  readonly en: string;
  readonly vi: string;
  /** What the developer who reads the code does next. */
  readonly fix: string;
}
