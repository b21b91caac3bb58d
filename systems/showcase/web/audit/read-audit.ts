/** Asks for a page of the trail. Answers with it, or with a reason to show; never with a throw. */
import { type Answer, request } from '../api.ts';

export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly position: string;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Where the next page begins; null: there is nothing older. */
  readonly older: string | null;
}

export interface AuditFilter {
  readonly outcome: 'refused' | 'done';
  readonly who: string;
  readonly what: string;
}

export function readAudit(filter: AuditFilter, before: string | undefined): Promise<Answer<AuditPage>> {
  const query = new URLSearchParams({ ...filter, ...(before === undefined ? {} : { before }) });
  return request<AuditPage>('GET', `/api/showcase/audit?${query}`);
}
